"""What the operators of a scoring job are told at submission."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from risk.config.settings import Settings
from risk.engine.features.feature_set import FeatureSet
from risk.engine.messages import Kind
from risk.engine.payment.contract import OPEN, Contract
from risk.engine.rules import Ruleset, load
from risk.engine.since import WHOLE, History
from risk.engine.stages.emission import Emission
from risk.engine.stages.reading import Reading

Placement = Literal["fused", "sharded"]
Files = Mapping[str, str]  # a ruleset's: path in its folder to text


def loaded(files: Files) -> Ruleset:
    """A ruleset, loaded once in a process: the operators of a job share it, models included."""
    return _loaded(tuple(sorted(files.items())))


@lru_cache(maxsize=8)
def _loaded(files: tuple[tuple[str, str], ...]) -> Ruleset:
    return load(dict(files))


@dataclass(frozen=True)
class ScoringPlan:
    """`starts` and `ends` are offsets by partition, `keys` Flink's key of each shard.

    `emitted` has the first offset whose decision is emitted, and the one after the last; what else
    is read counts for features only. With `scores_only` nothing is emitted but scores. `earlier`
    are rulesets, each maybe with one in its shadow: what was emitted under them is corrected under
    them.
    The settings are without secrets. `contract` is what the rulesets ask of a payment. A run that
    `agrees` with others in risk.control can take over from one, and hand over to one. `history` is
    what it knows of the past.
    """

    run_id: str
    kind: Kind
    code_version: str
    emission: Emission
    ruleset_files: Files
    shadow_files: Files | None
    earlier: tuple[tuple[Files, Files | None], ...]
    settings: Settings
    keys: tuple[int, ...]
    starts: Mapping[int, int]
    ends: Mapping[int, int] | None
    emitted: Mapping[int, tuple[int, int]] | None
    scores_only: bool
    contract: Contract = OPEN
    agrees: bool = False
    history: History = WHOLE

    def features(self) -> FeatureSet:
        """All features that its rulesets read, those of earlier runs too: they are corrected."""
        pairs = [(self.ruleset_files, self.shadow_files), *self.earlier]
        return FeatureSet.of(loaded(files) for pair in pairs for files in pair if files)

    @property
    def shards(self) -> int:
        """How many there are in each stage."""
        return len(self.keys)

    def reading_of(self, shard: int) -> Reading:
        """What a shard of the first stage reads."""
        own = {p: offset for p, offset in self.starts.items() if p % self.shards == shard}
        return Reading.of(own, self.settings.scoring, self.ends, self.emitted, self.contract)

    def elsewhere(self, shard: int) -> frozenset[int]:
        """The partitions that other shards of the first stage read."""
        return frozenset(p for p in self.starts if p % self.shards != shard)
