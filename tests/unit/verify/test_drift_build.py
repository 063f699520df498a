"""A report from two sources, and what `risk drift` shows of it."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import msgspec
import pytest
from rich.console import Console

from risk.cli import drift_show
from risk.config.types import DAY_MS
from risk.verify.drift.build import Empty, build
from risk.verify.drift.periods import HOUR_MS, Period, parts, week_before
from risk.verify.drift.report import Report
from risk.verify.drift.sample import Counts, Gathering, Population, Verdicts
from risk.verify.drift.sources import Say, Source
from tests.unit.verify.populations import START, population


class Given(NamedTuple):
    """A side that is there already."""

    period: Period
    found: Population

    def population(self, say: Say) -> Population:
        say("read")
        return self.found


NOTHING = Population(Counts({}), Gathering().sample())


def day(number: int, verdicts: Verdicts, factor: int = 1) -> Source:
    found = population(number, lambda txn: msgspec.structs.replace(txn, amount=txn.amount * factor))
    begin = START + number * DAY_MS
    return Given(Period(begin, begin + HOUR_MS), found._replace(verdicts=verdicts))


@cache
def report() -> tuple[Report, list[str]]:
    said: list[str] = []
    then, now = day(1, Verdicts(500, 80, 20)), day(2, Verdicts(500, 20, 80), factor=5)
    few = Given(Period(START, START + HOUR_MS), NOTHING)
    found = build("default", then, now, age_ms=DAY_MS, parts=[now, few], say=said.append)
    return found, said


def test_a_report_of_a_change() -> None:
    found, said = report()
    assert found.level == "much"
    assert found.features[0].name == "user_amount_5m"
    assert found.precision.apart
    assert found.reference.sampled == found.reference.payments > 5_000
    whole, few = found.buckets
    assert (whole.level, whole.feature) == ("much", "user_amount_5m")
    assert (few.level, few.feature, few.feature_psi, few.flagged) == ("too few", "", None, 0)
    assert said == [
        "reference: read",
        "current: read",
        "part 1 of 2: read",
        "part 2 of 2: read",
    ]
    again = msgspec.json.decode(msgspec.json.encode(found), type=Report)
    assert again == found


@pytest.mark.parametrize("side", ["reference", "current"])
def test_a_side_without_payments(side: str) -> None:
    full = day(1, Verdicts())
    empty = Given(Period(0, DAY_MS), NOTHING)
    with pytest.raises(Empty) as caught:
        build("default", *((empty, full) if side == "reference" else (full, empty)))
    assert caught.value.which == side


def shown(monkeypatch: pytest.MonkeyPatch, *, terminal: bool) -> str:
    console = Console(width=80, force_terminal=terminal, color_system=None, record=False)
    monkeypatch.setattr(drift_show, "console", console)
    with console.capture() as captured:
        drift_show.show(report()[0])
    return captured.get()


def test_a_terminal_of_80_columns_has_the_measures(monkeypatch: pytest.MonkeyPatch) -> None:
    text = shown(monkeypatch, terminal=True)
    assert max(map(len, text.splitlines())) <= 80
    line = next(line for line in text.splitlines() if "user_amount_5m" in line)
    assert "much" in line
    assert "…" not in line
    assert "20% (13-29)" in text
    assert "apart" in text


def test_a_pipe_has_all_columns(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(drift_show, "console", Console())
    drift_show.show(report()[0])
    lines = capsys.readouterr().out.splitlines()
    header = "feature level PSI KS,neutral then,now,n then,n now".replace(" ", "\t", 3)
    assert header.replace(",", "\t") in lines
    assert any(line.startswith("user_amount_5m\tmuch\t") for line in lines)


def test_parts_are_whole_days_and_hours_but_for_the_ends() -> None:
    period = Period(DAY_MS + HOUR_MS, 3 * DAY_MS + 1)
    assert parts(period, "day") == [
        Period(DAY_MS + HOUR_MS, 2 * DAY_MS),
        Period(2 * DAY_MS, 3 * DAY_MS),
        Period(3 * DAY_MS, 3 * DAY_MS + 1),
    ]
    assert len(parts(period, "hour")) == 48
    assert week_before(8 * DAY_MS) == Period(DAY_MS, 8 * DAY_MS)
    assert week_before(DAY_MS) == Period(0, DAY_MS)
