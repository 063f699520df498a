"""The latency benchmark's own processes, and how it looks for rows in a store."""

from __future__ import annotations

import time
from collections.abc import Sequence
from multiprocessing.connection import Connection

import pytest

from risk.bench.child import Child
from risk.bench.watch import Sample, Seen, poll
from risk.errors import StackError
from sinks.store import Payment


def twice(factor: int, pipe: Connection) -> None:
    pipe.send("ready")
    pipe.send(factor * pipe.recv())


def dies(pipe: Connection) -> None:
    pipe.send("ready")
    pipe.recv()


def test_a_child_is_ready_started_and_reports() -> None:
    child = Child(twice, 2)
    child.start(21)
    assert child.result() == 42
    child.stop()


def test_a_child_that_dies_is_an_error() -> None:
    child = Child(dies)
    child.start(None)
    with pytest.raises(StackError, match="dies: its process died"):
        child.result()
    child.stop()


def test_a_row_is_asked_for_once_it_is_due_and_until_it_is_seen() -> None:
    asked: list[list[str]] = []

    def ask(payments: Sequence[Payment]) -> set[Payment]:
        asked.append([event_id for event_id, _, _ in payments])
        there = {"a"} if len(asked) > 2 else set()
        there |= {"b"} if any("b" in ids for ids in asked[:-1]) else set()
        return {(event_id, "u", 0) for event_id in there}

    samples = [
        Sample(0.0, "a", 0, "u"),
        Sample(0.05, "b", 0, "u"),
        Sample(9.0, "never due", 0, "u"),
    ]
    start, seen = time.monotonic(), Seen()
    poll(ask, samples, start, start + 0.3, 0.001, seen)
    assert asked[0] == ["a"]
    assert not any("never due" in ids for ids in asked)
    assert set(seen.times) == {"a", "b"}
    assert start <= seen.times["a"]
    assert start + 0.05 <= seen.times["b"] <= start + 1
    assert 0 < seen.round_ms()[0] <= seen.round_ms()[1]


def test_a_store_that_fails_is_told_and_ends_nothing_else() -> None:
    def ask(payments: Sequence[Payment]) -> set[Payment]:
        raise OSError("gone")

    start, seen = time.monotonic(), Seen()
    poll(ask, [Sample(0.0, "a", 0, "u")], start, start + 1, 0.001, seen)
    assert seen.problem == "OSError: gone"
