"""All stages in one: from raw records to what is to be scored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from risk.engine.features.feature_set import BUILT_IN, FeatureSet
from risk.engine.stages.base import Raw, Store, count_scored
from risk.engine.stages.decide import Decide
from risk.engine.stages.declared import DeclaredStages
from risk.engine.stages.device import DeviceStage
from risk.engine.stages.emission import LIVE, Emission, Scorable
from risk.engine.stages.feedback import Feedback
from risk.engine.stages.ingest import Ingest
from risk.engine.stages.ingested import Reject, TooLate
from risk.engine.stages.ip import IpStage
from risk.engine.stages.reading import Idle, Reading
from risk.engine.stages.user import UserStage


class Result(NamedTuple):
    """What came of a batch of records."""

    scorables: list[Scorable]
    rejected: list[Reject]
    late: list[TooLate]
    scored: int


class Fused:
    """The way of an event, in one place: ingest, user, verdicts, ip, device, declared, decide."""

    def __init__(
        self,
        store: Callable[[str], Store],
        reading: Reading,
        emission: Emission = LIVE,
        features: FeatureSet = BUILT_IN,
    ) -> None:
        self.ingest = Ingest(store("ingest"), reading)
        self.user = UserStage(store("user"), features.user)
        self.feedback = Feedback.of(store, features, reading)
        self.ip = IpStage(store("ip"), features.ip)
        self.device = DeviceStage(store("device"), features.device)
        self.declared = DeclaredStages(store, features.keys)
        self.decide = Decide(store("decide"), emission, features)
        self.all_settled = False  # whether nothing is left to wait for

    def on_batch(self, raws: Sequence[Raw]) -> Result:
        """Take a batch of records, in the order in which they were read, through all stages."""
        items, rejected, late = self.ingest.on_batch(raws)
        frontier = self.feedback.passes(self.ingest.frontier(), raws)
        items, corrections = self.user.on_batch(items, [], frontier)
        items = self.feedback.joined(items, frontier)
        items, corrections = self.ip.on_batch(items, corrections, frontier)
        items, corrections = self.device.on_batch(items, corrections, frontier)
        items, corrections = self.declared.on_batch(items, corrections, frontier)
        scorables = self.decide.on_batch(items, corrections, frontier)
        self.all_settled = frontier.settle_all or frontier.all_settled
        return Result(scorables, rejected, late, count_scored(items))

    def on_idle(self, idle: Idle) -> Result:
        """Nothing comes from some partitions."""
        self.ingest.idle = idle
        return self.on_batch([])

    @property
    def behind_frontier(self) -> int:
        """Events found behind the frontier, which the promise says is none."""
        stages = (self.user, self.ip, self.device)
        return sum(stage.behind_frontier for stage in stages) + self.declared.behind_frontier
