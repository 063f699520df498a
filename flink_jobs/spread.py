"""Keys for shards, so that Flink spreads them evenly over subtasks.

Flink hashes a key into one of `MAX_PARALLELISM` key groups, and each subtask has a range of these.
Few shards hashed so would often share a subtask while another has none. So a shard's key is looked
for: the first number whose key group lies in the middle of the shard's own part of them, by the
hash of DataStream's rows (the operator), and in that part by the hash of SQL's binary rows (the
batching window). In the middle, so that a number of subtasks that doesn't divide the shards has
them spread evenly, too.
"""

from __future__ import annotations

from typing import Any

from pyflink.java_gateway import get_gateway

MAX_PARALLELISM = 128


def shard_keys(shards: int) -> list[int]:
    """The key of each shard. The same for the same number of shards, in every release."""
    if shards == 1:
        return [0]
    found: list[int | None] = [None] * shards
    key = 0
    while None in found:
        place, rest = divmod(_row_group(key) * shards, MAX_PARALLELISM)
        in_middle = 3 * MAX_PARALLELISM <= 8 * rest < 5 * MAX_PARALLELISM
        wanted = found[place] is None and in_middle
        if wanted and _binary_group(key) * shards // MAX_PARALLELISM == place:
            found[place] = key
        key += 1
    return [key for key in found if key is not None]


def _row_group(key: int) -> int:
    jvm = get_gateway().jvm
    row = jvm.org.apache.flink.types.Row(1)
    row.setField(0, key)
    return _group(row)


def _binary_group(key: int) -> int:
    data = get_gateway().jvm.org.apache.flink.table.data
    row = data.binary.BinaryRowData(1)
    writer = data.writer.BinaryRowWriter(row)
    writer.writeInt(0, key)
    writer.complete()
    return _group(row)


def _group(key: Any) -> int:
    state = get_gateway().jvm.org.apache.flink.runtime.state
    group: int = state.KeyGroupRangeAssignment.assignToKeyGroup(key, MAX_PARALLELISM)
    return group
