"""Populations of the generator's payments, scored by the engine's stages alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

import msgspec

from generator.config import StreamConfig
from generator.partition import partition
from generator.stream import events, records
from risk.config.settings import Scoring
from risk.engine.features.catalogue import FeatureValue
from risk.engine.payment.transaction import Transaction
from risk.engine.scoring import score
from risk.engine.stages.base import Raw
from risk.ops.ruleset_folder import read_folder
from risk.paths import RULES
from risk.verify.drift.sample import Counts, Gathering, Population
from risk.verify.quality.offline import Record, scorables

START = 1_790_000_000_000
DAY_MS = 86_400_000
RULESET = read_folder(RULES / "default")

Change = Callable[[Transaction], Transaction]


def unchanged(txn: Transaction) -> Transaction:
    return txn


def population(day: int, change: Change = unchanged) -> Population:
    """What is scored of a minute's traffic, some 5,900 payments, of a day of its own seed."""
    config = StreamConfig(
        start_time=START + day * DAY_MS, seed=day, rate=100.0, duration_s=60.0, users=2_000
    )
    gathering, decided = Gathering(), Counter[str]()
    settled: dict[tuple[str, str], tuple[int, str, Mapping[str, FeatureValue]]] = {}
    for one in scorables([RULESET], _records(config, change), 4, Scoring(), lambda done: None):
        if not one.late:
            own = RULESET.own(one.features)
            outcome = score(RULESET, own, one.txn)
            key = one.txn.user_id, one.txn.event_id
            settled[key] = outcome.score, outcome.decision, own.by_name()
    for points, decision, values in settled.values():
        gathering.add(points, values)
        decided[decision] += 1
    return Population(Counts(decided), gathering.sample())


def _records(config: StreamConfig, change: Change) -> Iterator[Record]:
    offsets = [0] * config.partitions
    happened = (one._replace(txn=change(one.txn)) for one in events(config))
    for record in records(config, happened):
        where = partition(record.key or b"", config.partitions)
        at = config.start_time + record.due_ms
        yield Record(Raw(where, offsets[where], at, record.key, record.value))
        offsets[where] += 1


def drop_fields(*names: str) -> Change:
    """A feed that lost these."""
    return lambda txn: msgspec.structs.replace(txn, **dict.fromkeys(names, ""))
