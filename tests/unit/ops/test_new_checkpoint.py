"""A checkpoint is asked for until one that was begun since is complete."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest

from risk.ops.new_checkpoint import NewCheckpoint
from risk.stack.flink_rest import FlinkRest, FlinkUnavailable

DECLINED = {"failureCause": {"class": "CheckpointException"}}


class Cluster(FlinkRest):
    """Answers with these states of the checkpoints that are asked for, one at each look."""

    def __init__(self, *states: dict[str, Any], completed: Iterator[int] | None = None) -> None:
        self._states, self._completed = iter(states), completed
        self.asked = 0

    def get(self, path: str) -> Any:
        if path == "/jobs/a/checkpoints":
            return {"counts": {"completed": next(self._completed) if self._completed else 7}}
        assert path == f"/jobs/a/checkpoints/r{self.asked}"
        return next(self._states)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        assert path == "/jobs/a/checkpoints"
        self.asked += 1
        return {"request-id": f"r{self.asked}"}


def made(**operation: object) -> dict[str, Any]:
    return {"status": {"id": "COMPLETED"}, "operation": operation}


UNDER_WAY = {"status": {"id": "IN_PROGRESS"}, "operation": None}


def test_it_is_asked_for_once_and_waited_for() -> None:
    cluster = Cluster(UNDER_WAY, UNDER_WAY, made(checkpointId=8))
    new = NewCheckpoint(cluster, "a")
    assert [new.complete() for _ in range(3)] == [False, False, True]
    assert cluster.asked == 1


def test_what_was_declined_is_asked_for_again() -> None:
    cluster = Cluster(UNDER_WAY, made(**DECLINED), made(checkpointId=9))
    new = NewCheckpoint(cluster, "a")
    assert not new.complete()
    with pytest.raises(FlinkUnavailable, match="no checkpoint: CheckpointException"):
        new.complete()
    assert new.complete()
    assert cluster.asked == 2


def test_the_second_of_two_others_was_begun_since() -> None:
    cluster = Cluster(*[made(**DECLINED)] * 2, completed=iter([7, 7, 8, 9]))
    new = NewCheckpoint(cluster, "a")
    for _ in range(2):
        with contextlib.suppress(FlinkUnavailable):
            assert not new.complete()
    assert new.complete()
