"""Fills a store again from the topics, beside the job that delivers to it.

The store is emptied first and the topics' ends are taken after that: what the delivery job had
written before lies before the ends and is written again; what lies behind them the job has still
to write. Both write the same scores through the same writer, which an order of revisions guards.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import msgspec
from confluent_kafka import Message as Record

from risk.config.settings import Settings
from risk.engine.delivery import Unavailable, Writer, Written
from risk.engine.refusals import Limit
from risk.engine.stages.base import Raw
from risk.errors import UserError
from risk.kafka.scan import offsets, read_all
from risk.ops.erasure.copy_list import copy_list
from sinks import again, registry

BATCH: Final = 1_000
GIVE_UP_S: Final = 60.0

Report = Callable[["Rebuilt"], object]


class Rebuilt(msgspec.Struct):
    """How far it is. `rows` were written or there already, `older` void by a newer revision.

    `refused` the store didn't take, `invalid` are no messages; `reasons` are the first of both.
    `erased` are left out, as their users were.
    """

    store: str
    total: int
    read: int = 0
    rows: int = 0
    older: int = 0
    refused: int = 0
    erased: int = 0
    invalid: int = 0
    seconds: float = 0.0
    reasons: list[str] = msgspec.field(default_factory=list)


def missing(settings: Settings, store: str) -> list[str]:
    """What the topics no longer hold, in words: it can't be rebuilt. Raises `UserError`."""
    return [
        f"{topic} begins at offset {low:,} in partition {partition}"
        for topic in topics(settings, store)
        for partition, (low, _) in sorted(offsets(settings, topic).items())
        if low > 0
    ]


def rebuild(settings: Settings, store: str, keep: bool, report: Report) -> Rebuilt:
    """Empty the store, unless `keep`, and write all that the topics hold up to now.

    `report` is told how far it is after each batch. Raises `UserError` and `Unavailable`.
    """
    delivery = registry.delivery(store)
    loaded = delivery.load()
    copy_list(settings, store)
    sink = loaded.create(settings)
    sink.open()
    try:
        if not keep:
            loaded.wipe(settings)
        # From here on the ends are taken, not before.
        ends = [offsets(settings, topic) for topic in topics(settings, store)]
        state = Rebuilt(store, sum(high - low for end in ends for low, high in end.values()))
        started = time.monotonic()
        report(state)
        limit = Limit(settings.delivery.refused_limit)
        for batch in _batches(settings, store):
            _add(state, batch, delivery, lambda messages: _write(settings, sink, limit, messages))
            state.seconds = time.monotonic() - started
            report(state)
        return state
    finally:
        sink.close()


def topics(settings: Settings, store: str) -> list[str]:
    """The names of the topics that a store is made of."""
    return registry.delivery(store).read_from(settings.topics)


def _batches(settings: Settings, store: str) -> Iterator[list[Record]]:
    batch: list[Record] = []
    for topic in topics(settings, store):
        for record in read_all(settings, topic):
            batch.append(record)
            if len(batch) == BATCH:
                yield batch
                batch = []
    if batch:
        yield batch


def _add(
    state: Rebuilt,
    batch: Sequence[Record],
    delivery: registry.Delivery,
    write: Callable[[Sequence[Any]], Written],
) -> None:
    messages: list[Any] = []
    places: list[str] = []
    for record in batch:
        place = f"{record.topic()} {record.partition()}:{record.offset()}"
        if record.value() is None:  # a tombstone says nothing
            continue
        try:
            messages.append(delivery.read(_raw(record)))
            places.append(place)
        except ValueError as error:
            state.invalid += 1
            state.reasons.append(f"{place}: {error}")
    written = write(messages)
    state.read += len(batch)
    state.rows += written.rows
    state.older += written.older
    state.erased += written.erased
    state.refused += len(written.refused)
    state.reasons += [f"{places[refused.at]}: {refused.reason}" for refused in written.refused]
    del state.reasons[10:]


def _raw(record: Record) -> Raw:
    _, append_time = record.timestamp()
    place = record.partition(), record.offset()
    return Raw(*place, append_time, record.key(), record.value())


def _write(settings: Settings, sink: Writer[Any], limit: Limit, messages: Sequence[Any]) -> Written:
    """Write a batch; while the store is away wait and try it again, for a minute at most.

    Raises `UserError`, also for a store that refuses nearly everything for the same reason.
    """
    wait = 0.1
    give_up = time.monotonic() + GIVE_UP_S
    while True:
        try:
            written = again.write(sink, messages, settings.delivery)
        except Unavailable as error:
            if time.monotonic() > give_up:
                raise UserError(
                    f"{error}: the rest is missing: once it is back, run it again with --keep"
                ) from None
            time.sleep(wait)
            wait = min(2 * wait, 5.0)
        else:
            if held := limit.judge(written):
                raise UserError(
                    f"{held.line(sink.name)}: the rest is missing: mend it, then run it again with "
                    "--keep"
                )
            return written
