"""Feedback in Postgres: its history, what counts of it, and what it waits for."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import msgspec
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings

from risk.config.settings import Settings
from risk.engine.delivery import Unavailable, Writer, Written
from risk.engine.erasure import Erased
from risk.engine.feedback import SOURCES, Feedback, Logged, build, current_verdict, said_once
from sinks import feedback, registry
from sinks.postgres.connect import connect
from sinks.postgres.writer import PostgresSink
from tests.contract.gate import Gate
from tests.contract.messages import ACTIVE, NOON, score
from tests.unit.engine.test_feedback import histories

pytestmark = pytest.mark.stack
PAYMENT = ("e1", "u-1", NOON)


def said(
    event_id: str = "e1", verdict: str = "fraud", source: str = "analyst", at: int = 5
) -> Feedback:
    return build(
        (event_id, "u-1", NOON), verdict, source, NOON + at, "ana", "called; 'quoted' \\ ü"
    )


def placed(messages: Sequence[Feedback]) -> list[Logged]:
    return [Logged(one, NOON + offset, 0, offset) for offset, one in enumerate(messages)]


@pytest.fixture
def writer(migrated: Settings) -> Iterator[Writer[Logged]]:
    found = registry.delivery("feedback").load().create(migrated)
    found.open()
    yield found
    found.close()


def rows(settings: Settings, query: str) -> list[tuple[object, ...]]:
    with connect(settings) as connection:
        return connection.execute(query.encode()).fetchall()


def test_its_writer_says_its_name(writer: Writer[Logged]) -> None:
    assert writer.name == "feedback"


def test_an_empty_batch(writer: Writer[Logged], migrated: Settings) -> None:
    assert writer.write([]) == Written()
    assert list(feedback.recall(migrated)) == []


def test_what_was_written_is_read_back(writer: Writer[Logged], migrated: Settings) -> None:
    batch = placed([said(), said(at=6), said("e2", "legitimate", "chargeback")])
    assert writer.write(batch) == Written(rows=3)
    assert list(feedback.recall(migrated)) == batch
    assert feedback.history(migrated, "e2") == batch[2:]
    assert feedback.history(migrated, "e1", "u-1") == batch[:2]
    assert feedback.history(migrated, "e1", "another") == []


def test_the_same_batch_again_changes_nothing(writer: Writer[Logged], migrated: Settings) -> None:
    batch = placed([said(at=n) for n in range(100)])
    for _ in range(2):
        assert writer.write(batch) == Written(rows=100)
        assert list(feedback.recall(migrated)) == batch
    versions = rows(migrated, "SELECT xmin FROM risk_feedback")
    writer.write(batch)
    assert rows(migrated, "SELECT xmin FROM risk_feedback") == versions


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("later_first", [True, False])
def test_what_is_sent_again_stays_where_it_was_said_first(
    writer: Writer[Logged], migrated: Settings, together: bool, later_first: bool
) -> None:
    first, again = Logged(said(), NOON, 7, 500), Logged(said(), NOON + 9, 1, 0)
    both = [again, first] if later_first else [first, again]
    for batch in [both] if together else [[one] for one in both]:
        assert writer.write(batch).rows == len(batch)
    assert list(feedback.recall(migrated)) == [first]


def test_the_order_of_the_sources_is_the_engines(
    writer: Writer[Logged], migrated: Settings
) -> None:
    writer.write(placed([said(source=source) for source in SOURCES]))
    found = rows(migrated, "SELECT source FROM risk_feedback ORDER BY source_rank")
    assert [source for (source,) in found] == list(SOURCES)


@given(history=histories)
@hypothesis_settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_verdict_that_counts_is_the_engines(
    writer: Writer[Logged], migrated: Settings, history: list[Feedback]
) -> None:
    feedback.wipe(migrated)
    told = [Logged(one, NOON + offset // 2, 0, offset) for offset, one in enumerate(history)]
    mixed = told + told[::2]
    random.Random(1).shuffle(mixed)
    for start in range(0, len(mixed), 3):
        writer.write(mixed[start : start + 3])
    assert list(feedback.recall(migrated)) == said_once(told)
    counts = current_verdict(told)
    found = rows(migrated, "SELECT feedback_key FROM current_verdicts")
    assert found == ([(counts.feedback.key,)] if counts else [])


def test_a_verdict_waits_for_its_payment_and_then_counts(
    writer: Writer[Logged], migrated: Settings
) -> None:
    rows(migrated, f"INSERT INTO active_ruleset (ruleset, version) VALUES {ACTIVE} RETURNING 1")
    writer.write(placed([said("later"), said("never"), said("later", "legitimate", at=6)]))
    total, waiting = feedback.waiting(migrated, 10)
    assert (total, [one.event_id for one in waiting]) == (2, ["later", "never"])
    assert waiting[0] == said("later", "legitimate", at=6)
    assert feedback.waiting(migrated, 1) == (2, waiting[:1])
    sink = PostgresSink(migrated)
    sink.write([score("later", points=90), score("other")])
    sink.close()
    assert feedback.waiting(migrated, 10) == (1, [said("never")])
    found = rows(migrated, "SELECT event_id, decision, verdict FROM scores_with_verdicts")
    assert found == [("later", "BLOCK", "legitimate")]
    assert feedback.payments(migrated, ["later", "never"]) == [("later", "u-1", NOON)]


def test_of_those_that_wait_what_was_said_last_comes_first(
    writer: Writer[Logged], migrated: Settings
) -> None:
    old = build(("old", "u-1", NOON), "fraud", "chargeback", NOON - 90, "lea", "")
    writer.write(placed([said("e1", at=7), said("e2", at=6), old]))
    assert [one.event_id for one in feedback.waiting(migrated, 2)[1]] == ["old", "e2"]


def test_what_postgres_does_not_take_is_found_by_halving(
    writer: Writer[Logged], migrated: Settings
) -> None:
    good = [said(at=n) for n in range(7)]
    poison = msgspec.structs.replace(said(), note="a\0b")
    written = writer.write(placed([*good[:3], poison, *good[3:]]))
    assert (written.rows, [one.at for one in written.refused]) == (7, [3])
    assert len(list(feedback.recall(migrated))) == 7


def test_it_is_written_once_postgres_is_back(migrated: Settings) -> None:
    gate = Gate(migrated.postgres.host, migrated.postgres.port)
    section = msgspec.structs.replace(migrated.postgres, port=gate.port)
    one = feedback.create(msgspec.structs.replace(migrated, postgres=section))
    batch = placed([said(at=n) for n in range(3)])
    try:
        one.open()
        one.write(batch[:1])
        gate.shut()
        for _ in range(2):
            with pytest.raises(Unavailable, match="postgres: "):
                one.write(batch[1:])
        gate.open()
        assert one.write(batch[1:]) == Written(rows=2)
    finally:
        one.close()
        gate.close()
    assert list(feedback.recall(migrated)) == batch


def test_without_its_table_it_says_what_to_do(database: Settings) -> None:
    with pytest.raises(Unavailable, match="run `risk migrate`"):
        feedback.create(database).open()


def test_wiped_it_is_empty_and_scores_stay(writer: Writer[Logged], migrated: Settings) -> None:
    sink = PostgresSink(migrated)
    sink.write([score("e1")])
    sink.close()
    writer.write(placed([said()]))
    feedback.wipe(migrated)
    assert list(feedback.recall(migrated)) == []
    assert rows(migrated, "SELECT event_id FROM risk_scores") == [("e1",)]


def test_what_was_said_of_an_erased_user_is_gone_and_stays_away(
    writer: Writer[Logged], migrated: Settings
) -> None:
    other = build(("e3", "u-2", NOON), "fraud", "analyst", NOON + 5, "ana", "")
    own = placed([said("e1"), said("e2"), other])
    writer.write(own)
    known = feedback.erased(migrated)
    feedback.add_erased(migrated, Erased(known.salt, {known.hash_of("u-1"): NOON}))
    assert feedback.count(migrated, "u-1", NOON) == {"risk_feedback": 2}
    assert feedback.erase(migrated, "u-1", NOON) == {"risk_feedback": 2}
    assert writer.write(own) == Written(rows=1, erased=2)
    feedback.wipe(migrated)
    assert writer.write(own) == Written(rows=1, erased=2)
    assert [one.feedback.user_id for one in feedback.recall(migrated)] == ["u-2"]
