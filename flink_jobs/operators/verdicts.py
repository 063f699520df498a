"""Verdicts as rows for risk.scores and risk.alerts."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from pyflink.common import Row

from flink_jobs.messages import Lines, Writer
from flink_jobs.operators.shard import messages
from flink_jobs.plan import ScoringPlan
from risk.rules import load
from risk.stages.decide import Verdict


class VerdictWriter:
    """Scores verdicts under the plan's rulesets. `last` is what it wrote last."""

    def __init__(self, plan: ScoringPlan) -> None:
        self._topics = plan.settings.topics
        shadow = load(plan.shadow_files) if plan.shadow_files else None
        self._writer = Writer(load(plan.ruleset_files), plan.run_id, plan.kind, shadow)
        self.last = Lines([], [], [], [])

    def rows(self, verdicts: Sequence[Verdict]) -> Iterator[Row]:
        """A row for each topic that something is to be said in."""
        self.last = self._writer.verdicts(verdicts, time.time_ns() // 1_000_000)
        yield from messages(self._topics.scores, self.last.scores)
        yield from messages(self._topics.alerts, self.last.alerts)
