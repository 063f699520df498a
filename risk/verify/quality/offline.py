"""Records through the engine's stages alone, without any server, until all has settled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from risk.config.settings import Scoring
from risk.engine.features.feature_set import FeatureSet
from risk.engine.feedback import Logged
from risk.engine.rules import Ruleset
from risk.engine.stages.base import FLUSH, MemoryStore, Raw
from risk.engine.stages.emission import Scorable
from risk.engine.stages.fused import Fused
from risk.engine.stages.reading import Idle, Reading

BATCH = 100
TOLD = 10_000  # records between two words about progress


class Record(NamedTuple):
    """A record of risk.transactions, and what risk.feedback says of it, if anything."""

    raw: Raw
    verdict: Logged | None = None


def scorables(
    rulesets: Sequence[Ruleset],
    records: Iterable[Record],
    partitions: int,
    scoring: Scoring,
    say: Callable[[int], None],
) -> Iterator[Scorable]:
    """Each payment with its features under all of the rulesets, and again if these change.

    `say` is told now and then how many records are done.
    """
    whole = range(partitions)
    reading, features = Reading.of(dict.fromkeys(whole, 0), scoring), FeatureSet.of(rulesets)
    stages = Fused(lambda _: MemoryStore(), reading, features=features)
    source, done = iter(records), 0
    while batch := list(islice(source, BATCH)):
        if stages.feedback.wanted:
            stages.feedback.take([one.verdict for one in batch if one.verdict], FLUSH)
        yield from stages.on_batch([one.raw for one in batch]).scorables
        done += len(batch)
        if done % TOLD < BATCH:
            say(done)
    yield from stages.on_idle(Idle(frozenset(whole), None, FLUSH)).scorables
