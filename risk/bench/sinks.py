"""Rows per second of each store's writer against the real store, a batch at a time."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import islice

import msgspec

from flink_jobs.messages import Writer
from risk.bench.stats import Latency, latency
from risk.bench.stores import own_stores
from risk.bench.stream import raws, stream
from risk.config.settings import Settings
from risk.engine.delivery import Message, Sink, decode
from risk.engine.features.feature_set import FeatureSet
from risk.engine.rules import Ruleset
from risk.engine.stages.base import MemoryStore
from risk.engine.stages.fused import Fused
from risk.engine.stages.reading import Reading
from sinks import registry

PARTITIONS = 4
RATE = 500.0
STEP = 500


class Rate(msgspec.Struct, frozen=True):
    """One writer with one batch size: new rows, and how long a batch took.

    `again_per_s` is for the same rows once more, which changes nothing: what a replay costs.
    """

    store: str
    batch: int
    rows: int
    rows_per_s: float
    again_per_s: float
    write: Latency


def sinks(
    settings: Settings,
    ruleset: Ruleset,
    *,
    stores: Sequence[str],
    batches: Sequence[int],
    rows: int,
) -> list[Rate]:
    """Every store with every size of batch, each on rows of its own, the first batch left out."""
    needed = sum(rows + batch for batch in batches)
    messages = iter(_messages(settings, ruleset, needed))
    found = []
    with own_stores(settings, stores) as own:
        parts = [(batch, list(islice(messages, rows + batch))) for batch in batches]
        for store in stores:
            sink = registry.load(store).create(own)
            sink.open()
            try:
                found += [_measure(sink, part, batch) for batch, part in parts]
            finally:
                sink.close()
    return found


def _measure(sink: Sink, messages: Sequence[Message], batch: int) -> Rate:
    batches = [messages[at : at + batch] for at in range(0, len(messages), batch)]
    sink.write(batches[0])  # connections, plans and the index are made with it
    first = [_timed(sink, part) for part in batches[1:]]
    again = [_timed(sink, part) for part in batches[1:]]
    rows = len(messages) - len(batches[0])
    return Rate(
        sink.name,
        batch,
        rows,
        round(rows / sum(first), 1),
        round(rows / sum(again), 1),
        latency(first),
    )


def _timed(sink: Sink, batch: Sequence[Message]) -> float:
    begun = time.perf_counter()
    sink.write(batch)
    return time.perf_counter() - begun


def _messages(settings: Settings, ruleset: Ruleset, count: int) -> list[Message]:
    """So many first scores of the usual stream, as delivery jobs read them."""
    scoring = settings.scoring
    starts = dict.fromkeys(range(PARTITIONS), 0)
    features = FeatureSet.of([ruleset])
    fused = Fused(lambda _: MemoryStore(), Reading.of(starts, scoring), features=features)
    fused.feedback.without_log()
    writer = Writer(ruleset, "bench")
    source = raws(stream(RATE, 1.1 * count / RATE + 10), PARTITIONS)
    found: list[Message] = []
    while len(found) < count:
        scorables = fused.on_batch(list(islice(source, STEP))).scorables
        lines = writer.decisions([v for v in scorables if not v.revision], 0).scores
        found += [decode(line.partition("\t")[2].encode()) for line in lines]
    return found[:count]
