"""Alerts that Postgres refuses for good are found by halving; where it refuses all, none are."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from psycopg import errors

from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from risk.engine.messages import Alert
from risk.engine.refusals import Limit
from risk.ops.cases import worker
from risk.ops.cases.take_in import Taken
from risk.ops.cases.worker import Report
from tests.unit.ops.cases.alerts import alert

ALERTS = [alert(f"e{at}", user_id=f"u-{at}") for at in range(8)]


def taking(wrong: Callable[[Alert], Exception | None]) -> Callable[..., Taken]:
    """An intake whose transaction fails as a whole with the first alert's error."""

    def take(_: object, __: object, alerts: Sequence[Alert]) -> Taken:
        for one in alerts:
            if error := wrong(one):
                raise Unavailable(f"postgres: {error}") from error
        return Taken(added=len(alerts))

    return take


def taken(limit: Limit, report: Report, doubt: bool = True) -> Taken:
    return worker._all_but_refused(Settings(), ALERTS, report, limit, doubt)


def test_one_is_left_out_and_the_others_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    bad = errors.CheckViolation("no")
    monkeypatch.setattr(worker, "take_in", taking(lambda one: bad if one is ALERTS[5] else None))
    report = Report()
    assert taken(Limit(4), report).added == 7
    assert report.refused == 1


def test_one_in_doubt_is_left_out_after_bounded_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    bad = errors.InternalError_("no")
    monkeypatch.setattr(worker, "take_in", taking(lambda one: bad if one is ALERTS[5] else None))
    report = Report()
    with pytest.raises(Unavailable):
        taken(Limit(4), report)
    assert report.refused == 0
    assert taken(Limit(4), report, doubt=False).added == 7
    assert report.refused == 1


def test_a_schema_that_refuses_all_leaves_none_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "take_in", taking(lambda _: errors.CheckViolation("no")))
    report, limit = Report(), Limit(4)
    for _ in range(2):
        with pytest.raises(Unavailable, match="for the same reason"):
            taken(limit, report)
    assert report.refused == 0
    monkeypatch.setattr(worker, "take_in", taking(lambda _: None))
    assert taken(limit, report).added == 8


def test_a_server_that_is_away_refuses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "take_in", taking(lambda _: errors.AdminShutdown("gone")))
    report = Report()
    with pytest.raises(Unavailable):
        taken(Limit(4), report, doubt=False)
    assert report.refused == 0
