"""What becomes of each record: rejected, late, duplicate or scored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from risk.event import Rejected, Transaction, decode
from risk.features.catalogue import USER_WINDOW


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

    `txn` is None only if it is rejected, and `reason` is why. `late_by` is in ms behind the
    partition. `conflict` marks a duplicate whose content differs from the first's.
    """

    record: Consumed
    outcome: Literal["rejected", "late", "duplicate", "scored"]
    txn: Transaction | None
    reason: str = ""
    late_by: int = 0
    conflict: bool = False


def outcomes(records: Iterable[Consumed], lateness_ms: int, future_ms: int) -> Iterator[Judged]:
    """The outcome of every record, in the order given: each partition's in order of offsets."""
    highest: defaultdict[int, int] = defaultdict(lambda: -1)
    scored: defaultdict[tuple[str, str], list[Transaction]] = defaultdict(list)
    for record in records:
        if record.fault:
            yield Judged(record, "rejected", None, reason=record.fault)
            continue
        try:
            txn = decode(record.value, record.key)
        except Rejected as error:
            yield Judged(record, "rejected", None, reason=error.reason)
            continue
        if txn.event_time > record.append_time + future_ms:
            yield Judged(record, "rejected", None, reason="future")
            continue
        before = highest[record.partition]
        highest[record.partition] = max(before, txn.event_time)
        if txn.event_time < before - lateness_ms:
            yield Judged(record, "late", txn, late_by=before - txn.event_time)
            continue
        horizon = highest[record.partition] - USER_WINDOW
        same = [other for other in scored[txn.user_id, txn.event_id] if other.event_time > horizon]
        if same:
            yield Judged(record, "duplicate", txn, conflict=txn != same[0])
            continue
        scored[txn.user_id, txn.event_id].append(txn)
        yield Judged(record, "scored", txn)
