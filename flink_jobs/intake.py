"""What the first operator of either placement has beside its stages: a view of the broker."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable

from flink_jobs import recorded
from flink_jobs.idle import TopicEnds
from flink_jobs.plan import ScoringPlan
from risk.settings import with_secrets
from risk.stages.ingest import Ingest
from risk.stages.reading import Idle
from risk.stages.watch import IdleWatch, Patience


class Intake:
    """Watches the partitions that one shard reads."""

    def __init__(self, plan: ScoringPlan, shard: int, ingest: Ingest) -> None:
        """Asks risk.late what is recorded of what the shard is about to read."""
        settings = with_secrets(plan.settings, os.environ)
        scoring = settings.scoring
        ingest.take_as_late(recorded.late_by(settings, ingest.read_to))
        patience = Patience(
            scoring.idle_ms,
            scoring.hold_ms,
            scoring.quiet_ms,
            scoring.lateness_ms,
            scoring.future_ms,
        )
        self._watch = IdleWatch(ingest, patience, plan.elsewhere(shard))
        self._broker = TopicEnds(settings.kafka, settings.topics.transactions)

    def heard(self, partitions: Iterable[int]) -> None:
        """Records of these partitions came."""
        self._watch.heard(partitions)

    def tick(self) -> Idle | None:
        """A second has passed. What is idle now, if that is other than before."""
        return self._watch.tick(self._broker, time.time_ns() // 1_000_000)

    def close(self) -> None:
        """Disconnect."""
        self._broker.close()
