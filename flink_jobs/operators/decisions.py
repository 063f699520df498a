"""Decisions as rows for risk.scores and risk.alerts."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from pyflink.common import Row

from flink_jobs.measures import Judgements
from flink_jobs.messages import RunRulesets, Writer
from flink_jobs.operators.shard import messages
from flink_jobs.plan import Files, ScoringPlan, loaded
from risk.engine.messages import Kind
from risk.engine.stages.emission import Scorable

# A replay may say all it has at once. Java takes a row's lines apart in its heap, which is small.
AT_ONCE = 1_000


class DecisionWriter:
    """Scores payments under the plan's rulesets."""

    def __init__(self, plan: ScoringPlan, judgements: Judgements) -> None:
        self._topics = plan.settings.topics
        ruleset, kind, shadow = _run(plan.ruleset_files, plan.shadow_files, plan.kind)
        before = (_run(*files) for files in plan.earlier)
        earlier = {rulesets.label: rulesets for rulesets in before}
        label = plan.emission.label
        self._writer = Writer(
            ruleset, plan.run_id, kind, shadow, judgements, label, earlier, plan.history
        )

    def rows(self, scorables: Sequence[Scorable]) -> Iterator[Row]:
        """Rows for each topic that something is emitted to."""
        now = time.time_ns() // 1_000_000
        for first in range(0, len(scorables), AT_ONCE):
            lines = self._writer.decisions(scorables[first : first + AT_ONCE], now)
            yield from messages(self._topics.scores, lines.scores)
            yield from messages(self._topics.alerts, lines.alerts)


def _run(ruleset: Files, shadow: Files | None, kind: Kind = "live") -> RunRulesets:
    return RunRulesets(loaded(ruleset), kind, loaded(shadow) if shadow else None)
