"""`risk retention apply`: what is old leaves the stores, and nothing else does."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace

from risk.config.settings import Settings
from risk.config.types import DAY_MS
from risk.engine.delivery import Unavailable
from risk.engine.feedback import Logged, build
from risk.engine.messages import Score
from risk.engine.oracle import Expected
from risk.errors import UserError
from risk.ops import retention
from risk.ops.actor import Actor
from risk.ops.cases import steps
from risk.ops.cases.take_in import take_in
from risk.verify import retained
from risk.verify.comparison import Scores
from risk.verify.store_reading import scores_in
from sinks import feedback, registry
from sinks.elasticsearch import place
from sinks.postgres import expire
from sinks.postgres.connect import connect
from tests.contract.messages import ACTIVE, NOON, late, score
from tests.pipeline import risk
from tests.unit.ops.cases.alerts import alert

pytestmark = pytest.mark.stack

ANA = Actor("ana", "analyst")
DAYS = 30
NOW = NOON + 40 * DAY_MS  # of 2025-03-01: the limits are 2025-03-11 and, in whole months, 03-01
OLD = NOON - 2 * DAY_MS  # in February
YOUNG = NOON + 20 * DAY_MS
RULESET: Any = SimpleNamespace(name=ACTIVE[0], version=ACTIVE[1], fingerprint="")


@pytest.fixture
def stores(migrated: Settings, elasticsearch: Settings) -> Iterator[Settings]:
    """A Postgres and indices of the test's own, with a retention each."""
    prefix = f"retention-{time.time_ns():x}"
    elastic = replace(elasticsearch.elasticsearch, index_prefix=prefix, retention_days=DAYS)
    kept = replace(migrated.postgres, retention_days=DAYS)
    own = replace(migrated, postgres=kept, elasticsearch=elastic)
    yield own
    place.remove(own, own)


def written(settings: Settings, *batch: Any) -> None:
    for name in ("postgres", "elasticsearch"):
        writer = registry.load(name).create(settings)
        writer.open()
        writer.write(batch)
        writer.close()


def event_ids(settings: Settings, name: str) -> set[str]:
    return {row.event_id for row in registry.load(name).scan(settings, *ACTIVE)}


def applied(settings: Settings) -> dict[str, dict[str, int]]:
    due = retention.limits(settings, NOW)
    return {name: retention.apply(settings, name, upto).removed for name, upto in due.items()}


def counted(settings: Settings, table: str) -> int:
    with connect(settings) as connection:
        (found,) = connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone() or (0,)
    return int(found)


def keys(*scores: Score) -> dict[tuple[str, str, int], Any]:
    settled = SimpleNamespace(late=False)  # which score it is isn't compared here
    return {(one.event_id, one.user_id, one.event_time): settled for one in scores}


def test_what_is_old_goes_and_what_is_not_stays(stores: Settings) -> None:
    batch = [
        score("old", points=90, event_time=OLD),
        score("between", points=90, event_time=NOON),
        score("young", points=90, event_time=YOUNG),
    ]
    written(stores, *batch, late("late", event_time=OLD))
    said = build(("old", "u-1", OLD), "fraud", "analyst", OLD + 5, "ana", "")
    verdicts = feedback.create(stores)
    verdicts.open()
    verdicts.write([Logged(said, OLD, 0, 0)])
    verdicts.close()

    due = retention.limits(stores, NOW)
    would = {name: retention.look(stores, name, upto).removed for name, upto in due.items()}
    index = f"{stores.elasticsearch.index_prefix}-2025.02"
    assert would == {
        "postgres": {"risk_scores": 2, "rule_hits": 2, "transactions": 3},
        "elasticsearch": {index: 1},
    }
    assert event_ids(stores, "postgres") == {"old", "between", "young"}, "nothing was changed"
    assert applied(stores) == would
    assert event_ids(stores, "postgres") == {"young"}
    assert event_ids(stores, "elasticsearch") == {"between", "young"}
    assert counted(stores, "rule_hits") == counted(stores, "transactions") == 1
    assert counted(stores, "risk_feedback") == 1
    assert {name: sum(gone.values()) for name, gone in applied(stores).items()} == {
        "postgres": 0,
        "elasticsearch": 0,
    }


def test_what_is_gone_is_not_missed(stores: Settings) -> None:
    batch = [score("old", event_time=OLD), score("young", event_time=YOUNG)]
    written(stores, *batch)
    applied(stores)
    limits = retained.limits(stores)
    assert limits == retention.limits(stores, NOW)
    want = Expected(keys(*batch), {}, [], [], 0, 0)
    scores = Scores([], unjudged=set(want.rows))  # whether they are there is compared
    for name, upto in limits.items():
        asked = name, stores, retained.without(want, upto), scores
        assert scores_in(*asked, RULESET, 0.0, None, upto) == (1, [])
        count, wrong = scores_in(name, stores, want, scores, RULESET, 0.0, None, 0)
        assert (count, len(wrong)) == (1, 1), "without the limit it is"
        assert "old of user u-1" in wrong[0]
    written(stores, batch[0])  # as a rebuild does
    for name, upto in limits.items():
        asked = name, stores, retained.without(want, upto), scores
        assert scores_in(*asked, RULESET, 0.0, None, upto) == (1, [])


def test_payments_of_a_case_stay_until_it_is_closed(stores: Settings) -> None:
    written(stores, *(score(name, points=90, event_time=OLD) for name in ("e1", "e2")))
    take_in(stores, stores, [alert("e1", event_time=OLD)])
    case = steps.claim(stores, 1, ANA).id
    upto = retention.limits(stores, NOW)["postgres"]
    gone = {"risk_scores": 1, "rule_hits": 1, "transactions": 1}
    assert retention.look(stores, "postgres", upto).removed == gone
    assert retention.apply(stores, "postgres", upto).removed == gone
    assert event_ids(stores, "postgres") == {"e1"}
    steps.close(stores, case, ANA, "fraud", "it is")
    assert retention.apply(stores, "postgres", upto).removed == gone
    assert event_ids(stores, "postgres") == set()
    assert counted(stores, "case_alerts") == counted(stores, "cases") == 1


def test_it_goes_on_where_it_was_interrupted(stores: Settings) -> None:
    """In steps, each of which is done with; rows are wide enough that there are some."""
    ids = [f"e{n:04}" for n in range(600)]
    written(stores, *(score(name, points=90, event_time=OLD + n) for n, name in enumerate(ids)))
    step = next(expire(stores, NOON, pages=2))
    assert 0 < step.removed["risk_scores"] == step.removed["rule_hits"] < len(ids)
    assert step.done == 2 < step.total
    left = list(expire(stores, NOON, pages=2))
    assert [one.done for one in left] == sorted(one.done for one in left)
    assert left[-1].done == left[-1].total
    assert counted(stores, "risk_scores") == counted(stores, "transactions") == 0
    assert counted(stores, "rule_hits") == 0


def test_how_far_it_has_come_never_goes_back(stores: Settings) -> None:
    retention.apply(stores, "postgres", NOON)
    retention.apply(stores, "postgres", OLD)
    assert retained.limits(stores) == {"postgres": NOON}


def test_without_a_retention_all_is_kept(stores: Settings) -> None:
    for_good = replace(stores, postgres=replace(stores.postgres, retention_days=None))
    assert set(retention.limits(for_good, NOW)) == {"elasticsearch"}
    with pytest.raises(UserError, match=r"^postgres\.retention_days: not set"):
        retention.limits(for_good, NOW, ("postgres",))
    with pytest.raises(UserError, match=r"^redis gives up what is old by itself"):
        retention.limits(stores, NOW, ("redis",))
    with pytest.raises(UserError, match=r"^postgres\.retention_days, elasticsearch\.ret"):
        retention.limits(Settings(), NOW)


def test_nothing_goes_while_nobody_can_note_it(stores: Settings) -> None:
    written(stores, score("old", event_time=OLD))
    away = replace(stores, postgres=replace(stores.postgres, port=1))
    with pytest.raises(Unavailable):
        applied(away)
    assert event_ids(stores, "elasticsearch") == {"old"}


def test_the_command_does_it(stores: Settings) -> None:
    """By this machine's clock, to which all of these are old."""
    written(stores, score("old", points=90, event_time=OLD))
    dry = risk(stores, "retention", "apply", "--dry-run", "--json")
    assert dry.returncode == 0, dry.stderr
    would = {one["store"]: one["removed"] for one in json.loads(dry.stdout)}
    assert would["postgres"] == {"risk_scores": 1, "rule_hits": 1, "transactions": 1}
    assert list(would["elasticsearch"].values()) == [1]
    away = replace(stores, elasticsearch=replace(stores.elasticsearch, port=1))
    half = risk(away, "retention", "apply")
    assert half.returncode == 2
    (line,) = half.stderr.splitlines()
    assert line.endswith("once it is back, run it again: it goes on")
    assert event_ids(stores, "postgres") == set(), "the others are not held up by one"
    done = risk(stores, "retention", "apply", "--store", "elasticsearch", "--json")
    assert [one["removed"] for one in json.loads(done.stdout)] == [would["elasticsearch"]]
    assert event_ids(stores, "elasticsearch") == set()


def test_the_commands_role_may_do_it_and_no_other(stores: Settings) -> None:
    """As migrations grant it."""
    needed = {"store_retention": "INSERT", "risk_scores": "DELETE", "transactions": "DELETE"}
    with connect(stores) as connection:
        for table, right in needed.items():
            may = {
                role: connection.execute(
                    "SELECT has_table_privilege(%s, %s, %s)", (role, table, right)
                ).fetchone()
                or (False,)
                for role in ("risk_ops", "risk_writer", "risk_console", "risk_reader")
            }
            assert {role for role, (found,) in may.items() if found} == {"risk_ops"}
