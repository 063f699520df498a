"""Which partition a key belongs to: as Java's clients and librdkafka's murmur2_random have it."""

from __future__ import annotations

PARTITIONER = "murmur2_random"
_M, _MASK = 0x5BD1E995, 0xFFFFFFFF


def partition(key: bytes, partitions: int) -> int:
    """The partition of a key, of so many."""
    return (murmur2(key) & 0x7FFFFFFF) % partitions


def murmur2(data: bytes) -> int:
    """The 32-bit hash, unsigned, with Kafka's seed."""
    size = len(data)
    found = 0x9747B28C ^ size
    whole = size & ~3
    for at in range(0, whole, 4):
        part = int.from_bytes(data[at : at + 4], "little") * _M & _MASK
        part = (part ^ part >> 24) * _M & _MASK
        found = found * _M & _MASK ^ part
    if whole < size:
        found = (found ^ int.from_bytes(data[whole:], "little")) * _M & _MASK
    found = (found ^ found >> 13) * _M & _MASK
    return found ^ found >> 15
