"""Verdicts as rows for risk.scores and risk.alerts."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from pyflink.common import Row

from flink_jobs.measures import Judgements
from flink_jobs.messages import Writer
from flink_jobs.operators.shard import messages
from flink_jobs.plan import ScoringPlan
from risk.rules import load
from risk.stages.decide import Verdict


class VerdictWriter:
    """Scores verdicts under the plan's rulesets."""

    def __init__(self, plan: ScoringPlan, judgements: Judgements) -> None:
        self._topics = plan.settings.topics
        shadow = load(plan.shadow_files) if plan.shadow_files else None
        ruleset = load(plan.ruleset_files)
        self._writer = Writer(ruleset, plan.run_id, plan.kind, shadow, judgements)

    def rows(self, verdicts: Sequence[Verdict]) -> Iterator[Row]:
        """A row for each topic that something is to be said in."""
        lines = self._writer.verdicts(verdicts, time.time_ns() // 1_000_000)
        yield from messages(self._topics.scores, lines.scores)
        yield from messages(self._topics.alerts, lines.alerts)
