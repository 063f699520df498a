"""Logs as JSON: one object a line, found by run and payment, and never a card number."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from datetime import datetime

import pytest

from risk import logs
from risk.config.settings import Settings, SettingsError, parse
from risk.logs import JsonFormatter, TextFormatter, event, set_up

CARD = "4111 1111 1111 1111"


@pytest.fixture(autouse=True)
def _root() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


def shown(message: str, *values: object, **more: object) -> dict[str, object]:
    record = logging.getLogger("risk.x").makeRecord(
        "risk.x", logging.WARNING, "f", 1, message, values, None, extra=more
    )
    line = JsonFormatter("cases").format(record)
    assert "\n" not in line
    found: dict[str, object] = json.loads(line)
    return found


def test_a_line_says_when_where_and_what() -> None:
    found = shown("%s: away", "postgres")
    at = datetime.fromisoformat(str(found.pop("time")))
    assert abs(at.timestamp() - time.time()) < 60
    assert at.tzinfo is not None
    assert found == {
        "level": "WARNING", "logger": "risk.x", "process": "cases", "message": "postgres: away",
    }  # fmt: skip


def test_a_line_is_found_by_its_run_its_place_and_its_payment() -> None:
    more = {"run": "live-1", "ruleset": "default:1", "event": event("e1"), "partition": 3}
    found = shown("left out\nfor good", **more, other="not told")
    assert {name: found[name] for name in more} == more
    assert "other" not in found


def test_a_payment_is_told_by_a_hash() -> None:
    assert event("e1") == event("e1") != event("e2")
    assert "e1" not in event("e1")
    assert len(event("\ud800")) == 16


def test_no_card_number_is_logged() -> None:
    found = shown("said %s", f"card {CARD}")
    assert found["message"] == "said card **** **** **** 1111"
    try:
        raise ValueError(f"no such card {CARD}")
    except ValueError as error:
        record = logging.LogRecord(
            "x", logging.ERROR, "f", 1, "failed", None, (type(error), error, error.__traceback__)
        )
    for formatter in (JsonFormatter("api", quotes=True), TextFormatter(quotes=True)):
        line = formatter.format(record)
        assert "1111 1111 1111" not in line
        assert "ValueError: no such card" in line


def test_what_an_error_says_is_not_told_unless_the_policy_says_so() -> None:
    somebody = "user-" + "1"  # a traceback shows the source's lines
    try:
        try:
            raise KeyError(somebody)
        except KeyError as cause:
            raise SettingsError(f"no such user: {somebody}") from cause
    except SettingsError as error:
        record = logging.LogRecord(
            "x", logging.ERROR, "f", 1, "failed", None, (type(error), error, error.__traceback__)
        )
    for formatter in (JsonFormatter("api"), TextFormatter()):
        line = formatter.format(record)
        assert somebody not in line
        assert "risk.config.section.SettingsError" in line
        assert "KeyError" in line
        assert "test_logs.py" in line


def test_what_is_known_of_a_process_is_in_each_line() -> None:
    record = logging.LogRecord("x", logging.WARNING, "f", 1, "m", None, None)
    found = json.loads(JsonFormatter("taskmanager-0", {"run": "live-1"}).format(record))
    assert found["run"] == "live-1"


def test_it_is_set_up_once_and_as_the_settings_say(capsys: pytest.CaptureFixture[str]) -> None:
    settings = parse("logging: {format: json}", {})
    for _ in range(2):
        set_up(settings, "exporter")
    logging.getLogger("risk.y").warning("one")
    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["process"] == "exporter"
    set_up(Settings(), "exporter")
    logging.getLogger("risk.y").warning("two")
    assert capsys.readouterr().err.endswith(" WARNING two\n")
    assert sum(isinstance(one, logs._Handler) for one in logging.getLogger().handlers) == 1


def test_another_format_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"logging\.format"):
        parse("logging: {format: xml}", {})
