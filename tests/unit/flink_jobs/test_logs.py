"""How the Python of the jobs logs, within a JVM and without one."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest

from flink_jobs.logs import ToFlink, log_to, place_of
from risk import logs
from risk.config.settings import Settings, parse
from risk.engine.stages.base import Raw

JSON = parse("logging: {format: json}", {})
RAW = Raw(3, 17, 0, b"u1", b'{"event_id": "e1", "user_id": "u1"}')


class Writer:
    """Stands for the JVM's logger."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, str, str | None]] = []

    def log(self, name: str, severity: str, message: str, trace: str | None) -> None:
        self.lines.append((name, severity, message, trace))


class PythonLogHandler(logging.Handler):
    """As Pemja puts one into each interpreter."""

    def __init__(self) -> None:
        super().__init__()
        self._logger_writer = Writer()

    def emit(self, record: logging.LogRecord) -> None:
        raise AssertionError("it quotes what errors say")


@pytest.fixture(autouse=True)
def pemja() -> Iterator[PythonLogHandler]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    found = PythonLogHandler()
    root.addHandler(found)
    yield found
    root.handlers[:], root.level = handlers, level


def fail() -> None:
    somebody = "user-" + "1"  # a traceback shows the source's lines
    try:
        raise KeyError(somebody)
    except KeyError:
        logging.getLogger("flink_jobs.x").exception("left out", extra=place_of("payments", RAW))


def test_text_is_among_flinks_lines(pemja: PythonLogHandler) -> None:
    for _ in range(2):  # each operator of a job does it
        log_to(Settings(), {"run": "live-1"})
    fail()
    ((name, severity, message, trace),) = pemja._logger_writer.lines
    assert (name, severity, trace) == ("flink_jobs.x", "ERROR", None)
    assert message.startswith("left out\nTraceback")
    assert message.endswith("KeyError")
    assert "user-1" not in message
    assert sum(isinstance(one, ToFlink) for one in logging.getLogger().handlers) == 1


def test_json_is_beside_them(
    pemja: PythonLogHandler, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLINK_PROCESS", "taskmanager-3")
    for _ in range(2):
        log_to(JSON, {"run": "live-1"})
    fail()
    assert pemja._logger_writer.lines == []
    (line,) = capsys.readouterr().err.splitlines()
    found = json.loads(line)
    assert found["process"] == "taskmanager-3"
    assert (found["run"], found["event"]) == ("live-1", logs.event("e1"))
    assert (found["topic"], found["partition"], found["offset"]) == ("payments", 3, 17)
    assert "user-1" not in line


def test_without_a_jvm_text_goes_to_standard_error(
    pemja: PythonLogHandler, capsys: pytest.CaptureFixture[str]
) -> None:
    logging.getLogger().removeHandler(pemja)
    log_to(Settings(), {})
    fail()
    assert " ERROR left out\nTraceback" in capsys.readouterr().err
