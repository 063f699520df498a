"""What each declared feature costs: CPU time a payment, and state a key."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from risk.bench.stages import uncollected
from risk.bench.stream import WARM_S, batches, raws, stream
from risk.config.settings import Scoring
from risk.engine.features.declared.compiler import compile_key
from risk.engine.rules import Ruleset
from risk.engine.rules.declaration import Declaration, keys_of
from risk.engine.stages.base import Frontier, Item, MemoryStore
from risk.engine.stages.declared import DeclaredStage
from risk.engine.stages.ingest import Ingest
from risk.engine.stages.reading import Reading

BATCH = 100


class FeatureCost(msgspec.Struct, frozen=True):
    """Of one feature computed alone, or of all of a key together: `name` is then the key's.

    `us_per_payment` is CPU time, `bytes_per_key` what is stored at the end, and `keys` of how many.
    """

    name: str
    key: str
    us_per_payment: float
    bytes_per_key: float
    keys: int


class FeatureCosts(msgspec.Struct, frozen=True):
    """Each alone, and all of each key together."""

    features: list[FeatureCost]
    keys: list[FeatureCost]


class Step(NamedTuple):
    """A batch as the stages of declared features get it."""

    items: list[Item]
    frontier: Frontier


def features(
    ruleset: Ruleset, scoring: Scoring, *, rate: float, users: int | None, events: int
) -> FeatureCosts:
    """The costs of each feature alone, then of each key's together."""
    warm = round(WARM_S * rate)
    steps = _steps(scoring, rate, users, warm + events)
    alone = [_cost(one.name, [one], steps, warm) for one in ruleset.features]
    together = [
        _cost(f"all of {'+'.join(key)}{' with verdicts' * of_verdicts}", ones, steps, warm)
        for (key, of_verdicts), ones in keys_of(ruleset.features).items()
    ]
    return FeatureCosts(alone, together)


def _steps(scoring: Scoring, rate: float, users: int | None, events: int) -> list[Step]:
    ingest = Ingest(MemoryStore(), Reading.of({0: 0}, scoring))
    found = []
    for batch in batches(raws(stream(rate, events / rate, users), 1), BATCH):
        items, _, _ = ingest.on_batch(batch)
        found.append(Step(items, ingest.frontier()))
    return found


def _cost(
    name: str, declarations: Sequence[Declaration], steps: Iterable[Step], warm: int
) -> FeatureCost:
    code = compile_key(declarations)
    store = MemoryStore()
    stage = DeclaredStage(store, code)
    seen = measured = 0
    spent = 0.0
    keys: set[str] = set()
    with uncollected():
        for items, frontier in steps:
            fresh = [Item(item.txn, late=item.late) for item in items]
            keys.update(key for key in stage.keys(fresh) if key)
            begun = time.thread_time()
            stage.on_batch(fresh, [], frontier)
            if seen >= warm:
                spent += time.thread_time() - begun
                measured += len(items)
            seen += len(items)
    stored = sum(len(key) + len(blob) for key, blob in store.items())
    return FeatureCost(
        name,
        "+".join(code.key),
        round(1e6 * spent / max(1, measured), 2),
        round(stored / max(1, len(keys)), 1),
        len(keys),
    )
