"""What becomes of each record: rejected, duplicate, late or scored."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from risk.config.settings import Scoring
from risk.engine.payment.contract import OPEN, Contract
from risk.engine.payment.transaction import Rejected, Transaction, decode, encode

Position = tuple[int, int]  # partition, offset


class Consumed(NamedTuple):
    """One record of risk.transactions. `append_time` is the broker's, in ms UTC.

    `fault` is the reason of one that is rejected before its bytes are looked at: it is too large,
    or stands in risk.dlq as one that scoring has failed on.
    """

    partition: int
    offset: int
    append_time: int
    key: bytes | None
    value: bytes | None
    fault: str = ""


class Judged(NamedTuple):
    """A record and its one outcome.

    `txn` is None only if it is rejected, and `reason` is why. `late_by` is in ms. `conflict` marks
    a duplicate whose content differs from the first's.
    """

    record: Consumed
    outcome: Literal["rejected", "duplicate", "late", "scored"]
    txn: Transaction | None
    reason: str = ""
    late_by: int = 0
    conflict: bool = False


def too_large(key: bytes | None, value: bytes | None, most: int) -> str:
    """The fault of a record with more than `most` bytes in its key or value, else nothing."""
    return "too_large" if max(len(key or b""), len(value or b"")) > most else ""


class _Remembered(NamedTuple):
    value: bytes | None
    until: int


SPAN_MS: Final = 600_000  # of which so many payments of a partition may count

NOTHING: Final[Mapping[Position, int]] = MappingProxyType({})


def outcomes(
    records: Iterable[Consumed],
    scoring: Scoring,
    recorded: Mapping[Position, int] = NOTHING,
    contract: Contract = OPEN,
) -> Iterator[Judged]:
    """The outcome of every record, in the order given: each partition's in order of offsets.

    `contract` is that of the ruleset that decides.

    `recorded` is how late, in ms, payments were whose partition had been silent. The log of
    payments doesn't show it: risk.late does. One that isn't late, but beyond the limit of its
    partition, is late by 0 ms.
    """
    marks: defaultdict[int, int] = defaultdict(lambda: -1)
    remembered: dict[tuple[int, str, str], _Remembered] = {}
    counted: Counter[tuple[int, int]] = Counter()  # by partition and span
    scored: dict[tuple[str, str, int], Transaction] = {}
    for record in records:
        if record.fault:
            yield Judged(record, "rejected", None, reason=record.fault)
            continue
        try:
            txn = decode(record.value, record.key)
        except Rejected as error:
            yield Judged(record, "rejected", None, reason=error.reason)
            continue
        position, time = (record.partition, record.offset), txn.event_time
        if time > record.append_time + scoring.future_ms:
            yield Judged(record, "rejected", None, reason="future")
            continue
        try:
            contract.check(txn)
        except Rejected as error:
            yield Judged(record, "rejected", None, reason=error.reason)
            continue
        mark = max(marks[record.partition], min(time, record.append_time))
        marks[record.partition] = mark
        name = record.partition, txn.user_id, txn.event_id
        first = remembered.get(name)
        if first is not None and mark <= first.until:
            yield Judged(record, "duplicate", txn, conflict=record.value != first.value)
            continue
        remembered[name] = _Remembered(record.value, max(mark, time) + scoring.dedup_ms)
        late_by = mark - time if time < mark - scoring.lateness_ms else recorded.get(position, 0)
        if late_by:
            yield Judged(record, "late", txn, late_by=late_by)
            continue
        span = record.partition, max(mark, time) // SPAN_MS
        if counted[span] >= scoring.max_partition_payments:
            yield Judged(record, "late", txn)
            continue
        counted[span] += 1
        twin = scored.get((txn.user_id, txn.event_id, time))  # it came in two partitions
        if twin is not None:
            yield Judged(record, "duplicate", txn, conflict=_differ(txn, twin))
            continue
        scored[txn.user_id, txn.event_id, time] = txn
        yield Judged(record, "scored", txn)


def _differ(one: Transaction, other: Transaction) -> bool:
    """As they are written: 0.0 and -0.0 are equal, but another content."""
    return encode(one) != encode(other)
