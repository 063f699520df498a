"""Alerts that Postgres refuses for good are found by halving; where it refuses all, none are."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from psycopg import errors

from risk.config.settings import Settings
from risk.engine.delivery import Refused, Unavailable
from risk.engine.messages import Alert
from risk.engine.refusals import Limit
from risk.ops.cases import halving
from risk.ops.cases.take_in import Taken
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


def taken(limit: Limit, doubt: bool = True) -> tuple[Taken, list[Refused]]:
    return halving.all_but_refused(Settings(), ALERTS, limit, doubt)


def test_one_is_left_out_and_the_others_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    bad = errors.CheckViolation("no")
    monkeypatch.setattr(halving, "take_in", taking(lambda one: bad if one is ALERTS[5] else None))
    found, refused = taken(Limit(4))
    assert (found.added, [one.at for one in refused]) == (7, [5])


def test_one_in_doubt_is_left_out_after_bounded_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    bad = errors.InternalError_("no")
    monkeypatch.setattr(halving, "take_in", taking(lambda one: bad if one is ALERTS[5] else None))
    with pytest.raises(Unavailable):
        taken(Limit(4))
    found, refused = taken(Limit(4), doubt=False)
    assert (found.added, [one.at for one in refused]) == (7, [5])


def test_a_schema_that_refuses_all_leaves_none_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(halving, "take_in", taking(lambda _: errors.CheckViolation("no")))
    limit = Limit(4)
    for _ in range(2):
        with pytest.raises(Unavailable, match="for the same reason"):
            taken(limit)
    monkeypatch.setattr(halving, "take_in", taking(lambda _: None))
    assert taken(limit)[0].added == 8


def test_a_server_that_is_away_refuses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(halving, "take_in", taking(lambda _: errors.AdminShutdown("gone")))
    with pytest.raises(Unavailable):
        taken(Limit(4), doubt=False)
