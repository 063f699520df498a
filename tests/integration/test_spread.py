"""Shards spread evenly over subtasks, by Flink's own assignment."""

from __future__ import annotations

from collections import Counter

import pytest
from pyflink.java_gateway import get_gateway

from flink_jobs.spread import MAX_PARALLELISM, _row_group, shard_keys


@pytest.mark.parametrize("shards", [1, 2, 3, 4, 6, 8])
def test_no_subtask_has_two_shards_more_than_another(shards: int) -> None:
    keys = shard_keys(shards)
    assert len(set(keys)) == shards
    state = get_gateway().jvm.org.apache.flink.runtime.state
    index = state.KeyGroupRangeAssignment.computeOperatorIndexForKeyGroup
    for parallelism in range(1, shards + 1):
        spread = Counter(index(MAX_PARALLELISM, parallelism, _row_group(key)) for key in keys)
        counts = [spread[subtask] for subtask in range(parallelism)]
        assert max(counts) - min(counts) <= 1


def test_keys_are_the_same_for_ever() -> None:
    assert shard_keys(1) == [0]
    assert shard_keys(4) == [4, 312, 107, 20]
