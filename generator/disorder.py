"""What happens to events on their way: delayed, sent twice, too late, broken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from random import Random

import msgspec

from generator.config import StreamConfig
from generator.malformed import malformed
from generator.openness import opened
from generator.partition import partition
from generator.record import Event, Kind, Record
from risk.engine.messages import Label
from risk.engine.payment.transaction import Transaction, encode

LATE_MS = (35_000, 60_000)  # beyond the engine's bound of 30 s
AGAIN_MS = (50, 15_000)
CHANGED = 0.1  # of the duplicates differ from what they repeat
RETRY_MS = (40_000, 150_000)  # late, if it is not remembered any more
SHARED_IDS = 100

_label = msgspec.json.Encoder().encode


def disordered(
    config: StreamConfig, events: Iterable[Event], rng: Random, own: Random
) -> Iterator[Record]:
    """The records of the events in the order in which they are sent.

    The events begin `skew_ms` early. Those that are due before the stream begins are left out.
    `own` says which payments are open, and how.
    """
    waiting: list[tuple[int, int, Record]] = []
    number = 0
    for due, txn, attack, _ in events:
        due -= config.skew_ms
        while waiting and waiting[0][0] <= due:
            yield heappop(waiting)[2]
        due = _sent(config, txn, due)
        for record in _records(config, due, txn, attack, rng, own):
            if due >= 0:
                heappush(waiting, (record.due_ms, number, record))
                number += 1


def _sent(config: StreamConfig, txn: Transaction, due: int) -> int:
    """When an event that the first partition's producer would send at `due` is sent.

    The partitions run behind one another, each by the same time for all that it has, so that
    nothing comes late within it; and the last one may be silent for a while.
    """
    last = config.partitions - 1
    if not last or not (config.skew_ms or config.silence_s):
        return due
    number = partition(txn.user_id.encode(), config.partitions)
    due += config.skew_ms * number // last
    begin = config.duration_s * 500
    end = begin + config.silence_s * 1_000
    return int(end) if number == last and begin <= due < end else due


def _odd(config: StreamConfig, txn: Transaction, rng: Random) -> Transaction:
    """Some payments come from a clock that is ahead, or under an id that others use, too."""
    changes: dict[str, object] = {}
    if config.shared_ids and rng.random() < config.shared_ids:
        changes["event_id"] = f"shared-{rng.randrange(SHARED_IDS)}"
    if config.ahead and rng.random() < config.ahead:
        changes["event_time"] = txn.event_time + rng.randint(1, config.ahead_max_ms)
    return msgspec.structs.replace(txn, **changes) if changes else txn


def _records(
    config: StreamConfig, due: int, txn: Transaction, attack: str | None, rng: Random, own: Random
) -> Iterator[Record]:
    """The records of one event. The draws don't depend on one another's outcome."""
    whole = txn  # what is broken is made of all fields
    fate, again, broken, delay = rng.random(), rng.random(), rng.random(), rng.random()
    kind: Kind = "on_time"
    if fate < config.late:
        kind = "late"
        behind = LATE_MS[0] + int(delay * (LATE_MS[1] - LATE_MS[0]))
        txn = msgspec.structs.replace(txn, event_time=max(0, txn.event_time - behind))
    elif fate < config.late + config.out_of_order:
        kind = "out_of_order"
        due += int(delay * config.out_of_order_max_ms)
    txn = _odd(config, txn, rng)
    if own.random() < config.open_share:
        txn = opened(txn, own)
    key, value = txn.user_id.encode(), encode(txn)
    label = Label(1, txn.event_id, txn.user_id, txn.event_time, attack is not None, attack)
    yield Record(key, value, _label(label), due, kind)
    if again < config.duplicates:
        if again < config.duplicates * CHANGED:
            value = encode(msgspec.structs.replace(txn, amount=txn.amount + 1))
        yield Record(key, value, None, due + rng.randint(*AGAIN_MS), "duplicate")
    if config.retries and rng.random() < config.retries:
        yield Record(key, encode(txn), None, due + rng.randint(*RETRY_MS), "duplicate")
    if broken < config.malformed:
        yield Record(*malformed(whole, rng)[:2], None, due, "malformed")
