"""The times that `risk drift` is asked about, and mistakes in them."""

from __future__ import annotations

import shlex

import pytest

from risk.cli.drift_periods import Asked, asked
from risk.cli.main import main, parser
from risk.config.types import DAY_MS
from risk.errors import UserError
from risk.verify.drift.periods import HOUR_MS, Period, settled
from tests.unit.streams import SCORING

LATEST = 1_772_366_400_000  # 2026-03-01T12:00Z
NOON = Period(LATEST - DAY_MS, LATEST)


def of(line: str) -> Asked:
    return asked(parser(["drift"]).parse_args(["drift", *shlex.split(line)]), LATEST)


def test_by_itself_it_is_the_last_24_hours_against_the_7_days_before() -> None:
    assert of("") == Asked(Period(NOON.begin - 7 * DAY_MS, NOON.begin), NOON, [])


def test_times_in_words_and_in_ms() -> None:
    found = of("--from 2026-02-20 --to 2026-02-21 --reference 2026-01-01T06:00 2026-01-31")
    begin = LATEST - 12 * HOUR_MS - 9 * DAY_MS
    assert found.current == Period(begin, begin + 2 * DAY_MS)  # a day that ends it is in it
    assert found.reference.end - found.reference.begin == 31 * DAY_MS - 6 * HOUR_MS
    assert of(f"--from {begin} --to {begin + 5}").current == Period(begin, begin + 5)
    assert of(f"--last 6h --to {begin}").current == Period(begin - 6 * HOUR_MS, begin)


def test_nothing_that_has_not_settled_is_compared() -> None:
    assert of("--from 2026-03-01 --to 2030-01-01").current.end == LATEST
    assert settled(LATEST + 90_000, SCORING) == settled(LATEST + 149_999, SCORING) == LATEST


def test_hours_apart() -> None:
    assert len(of("--last 6h --by hour").parts) == 6
    assert len(of("--by day").parts) == 2


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("--from yesterday", "--from yesterday: use a time such as 2026-03-01, "),
        ("--to 12:00", "--to 12:00: use a time such as "),
        ("--from 2026-13-01", "--from 2026-13-01: use a time such as "),
        ("--from 0001-01-01", "--from 0001-01-01: use a time such as "),
        ("--from 2026-02-03 --to 2026-02-01", "--from 2026-02-03 is not before --to 2026-02-01"),
        ("--from 2026-04-01", "--from 2026-04-01: later than 2026-03-01 12:00, what has settled"),
        ("--last 1h --from 2026-02-01", "--last and --from both say where to begin: leave one out"),
        ("--last 0h", "--last 0h: use a length of time: 30m, 24h or 7d"),
        ("--last soon", "--last soon: use a length of time: 30m, 24h or 7d"),
        ("--last 9999w", "--from, --to, --last: they reach back to before 1970"),
        ("--reference x y", "--reference x: use a time such as "),
        ("--reference 2026-02-01 2026-01-01", "--reference 2026-02-01 2026-01-01: the first is "),
        ("--reference 2026-02-01 2026-03-01", "it has a part in common with what is compared, "),
        ("--last 73h --by hour", "--by hour: 73 of them: at most 72, so ask for a shorter time"),
    ],
)
def test_times_that_make_no_sense(line: str, said: str) -> None:
    with pytest.raises(UserError) as caught:
        of(line)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("line", "said"),
    [("", "postgres: "), ("--ruleset nope", "--ruleset nope: "), ("--last x", "--last x: ")],
)
def test_a_mistake_is_one_line(
    line: str,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("RISK_POSTGRES__PORT", "1")
    monkeypatch.setenv("RISK_POSTGRES__PASSWORD", "none")
    assert main(["drift", *shlex.split(line)]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"risk: {said}")
    assert error.count("\n") == 1
