"""What stages hand to one another, and where they keep what must survive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

import msgspec

from risk.engine.features.catalogue import FeatureValue
from risk.engine.features.entry import Entry
from risk.engine.payment.transaction import Transaction

FLUSH = 2**62  # a frontier beyond every event time: settle all there is


class LeftOut(NamedTuple):
    """What is told of bytes that were too many to be taken along."""

    size: int
    sha256: str  # hex


class Fault(NamedTuple):
    """Why a record can't be scored, known before its bytes are looked at.

    `key` and `value` are told of where they were left out.
    """

    reason: str
    message: str
    key: LeftOut | None = None
    value: LeftOut | None = None


class Raw(msgspec.Struct, frozen=True, gc=False):
    """One Kafka record. Times in ms UTC; `append_time` is the broker's.

    One with a `fault` is rejected for it: it counts as read, and has no other effect.
    """

    partition: int
    offset: int
    append_time: int
    key: bytes | None
    value: bytes | None
    fault: Fault | None = None


class Verdict(msgspec.Struct, gc=False, array_like=True):
    """What became of the payment of an item, which counts from `at` on, in ms UTC.

    It replaces the verdict `was`, which counted since `since`; empty if there was none.
    """

    verdict: str
    at: int
    was: str = ""
    since: int = 0


class Item(msgspec.Struct, gc=False, array_like=True):
    """An event on its way; each stage adds the values of its features, in their order.

    `append_time` is the broker's, only for measuring. A `suppressed` event counts for the features
    of others, but nothing is emitted for it. `entry` is what the first stage remembers of it, for
    the others of the same process: it doesn't travel. A `late` event counts for nobody: its
    features are those of an event without a past. `partition` and `offset` are the record's. One
    with a `verdict` is no event: it goes by stages that don't count verdicts, and has no values.
    """

    txn: Transaction
    values: tuple[FeatureValue, ...] = ()
    append_time: int = 0
    suppressed: bool = False
    entry: Entry | None = None
    late: bool = False
    partition: int = -1
    offset: int = -1
    verdict: Verdict | None = None

    @property
    def time(self) -> int:
        """When the event happened, or from when on the verdict counts; ms UTC."""
        return self.txn.event_time if self.verdict is None else self.verdict.at


def count_scored(items: Sequence[Item]) -> int:
    """How many of a batch's items have the outcome scored, and are emitted."""
    return sum(not (item.suppressed or item.late) for item in items)


class Correction(msgspec.Struct, gc=False, array_like=True):
    """What a stage now knows of an event that it passed on with other values."""

    user_id: str
    event_id: str
    event_time: int
    ip: str
    device_id: str
    features: dict[str, FeatureValue]


class Frontier(NamedTuple):
    """Nothing scored later is at or before `time`.

    `settle_all`: the input has ended, correct the rest. `all_settled`: nothing comes at present,
    and all that was read is at or before `time`.
    """

    time: int
    settle_all: bool = False
    all_settled: bool = False

    @property
    def settled(self) -> int:
        """Up to here corrections are due."""
        return FLUSH if self.settle_all else self.time


class Store(Protocol):
    """A stage's durable state: blobs by key, written behind, read once at the start."""

    def put(self, key: str, blob: bytes) -> None:
        """Set a blob."""

    def delete(self, key: str) -> None:
        """Remove a blob, which is there."""

    def items(self) -> Iterable[tuple[str, bytes]]:
        """All there is."""


class MemoryStore:
    """A store in a dict, for the oracle's neighbours: tests and backtests."""

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}

    def put(self, key: str, blob: bytes) -> None:
        """Set a blob."""
        self.blobs[key] = blob

    def delete(self, key: str) -> None:
        """Remove a blob."""
        del self.blobs[key]

    def items(self) -> Iterator[tuple[str, bytes]]:
        """A snapshot of all there is."""
        yield from list(self.blobs.items())
