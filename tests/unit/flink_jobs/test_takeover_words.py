"""What one run has told of silence binds both, whatever crashes afterwards."""

from __future__ import annotations

from msgspec.structs import replace

from risk.engine.stages.base import Raw
from risk.engine.takeover.said import Said
from tests.unit.flink_jobs.test_takeover import NEW, OLD, Broker, Job
from tests.unit.streams import START, raw, transaction

NOBODY: frozenset[int] = frozenset()
FRONTIER = 29_750  # once partition 0 is at 60 s, and partition 1 silent
LATE_BY = FRONTIER + 1 - 1_000


def _log() -> Broker:
    """Partition 0 is a minute ahead of partition 1, which then brings a payment of its own time."""
    return Broker(
        [
            _payment(0, 0, 0, 0),
            _payment(1, 1, 0, 0),
            _payment(2, 0, 1, 20_000),
            _payment(3, 0, 2, 60_000),
            replace(_payment(4, 1, 1, 1_000), append_time=START + 61_000),
        ]
    )


def _payment(number: int, partition: int, offset: int, after: int) -> Raw:
    return raw(transaction(number, event_time=START + after), offset, partition)


def _standing_by(broker: Broker) -> tuple[Job, Job]:
    """The run that decides and the other, which have both read a record of each partition."""
    broker.append(2)
    old = Job(broker, OLD, {})
    old.read(2)
    broker.say(Said("offered", NEW, "ops", old=OLD))
    old.look(NOBODY)
    return old, Job(broker, NEW, old.checkpoint())


def _behind(broker: Broker) -> dict[tuple[int, int], int]:
    late = broker.board.takeovers[NEW].late
    return {(one.partition, one.offset): one.late_by for one in late}


def test_what_was_found_late_is_told_before_a_checkpoint_can_hide_it() -> None:
    broker = _log()
    old, _ = _standing_by(broker)
    broker.append(2)
    old.read(9)
    old.look(frozenset({1}))
    broker.append(1)
    old.read(9)
    old.checkpoint()
    old.begin()
    old.look(NOBODY)
    assert _behind(broker) == broker.late == {(1, 1): LATE_BY}


def test_a_leader_that_crashed_keeps_to_the_frontier_that_it_has_told() -> None:
    broker = _log()
    old, _ = _standing_by(broker)
    broker.append(2)
    old.read(9)
    old.look(frozenset({1}))
    old.look(NOBODY)
    old.begin()
    broker.append(1)
    old.read(9)  # with what it had read before, of which a payment is no later than that frontier
    assert broker.late == {(1, 1): LATE_BY}


def test_a_new_leader_that_is_behind_keeps_to_the_frontier_that_the_old_one_has_told() -> None:
    broker = _log()
    old, new = _standing_by(broker)
    broker.append(2)
    old.read(9)
    old.look(frozenset({1}))
    broker.say(Said("proposed", NEW, "ops", lead_ms=1))
    old.look(NOBODY)
    old.look(NOBODY)
    new.look(NOBODY)
    assert broker.board.takeovers[NEW].yielded
    broker.append(1)
    new.read(9)
    assert broker.late == {(1, 1): LATE_BY}
