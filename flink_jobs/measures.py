"""What is measured in the scoring operators, each thing by itself."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from flink_jobs.counters import Number, Numbers
from flink_jobs.messages import Tally
from risk.config import metric_names as names
from risk.engine.control_group import RULE
from risk.engine.messages import Kind
from risk.engine.rules import Ruleset
from risk.engine.scoring import Outcome
from risk.engine.stages.base import Raw
from risk.engine.stages.ingested import Reject

LATENCY_S = (
    *(0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5),
    *(1, 2.5, 5, 15, 60),
)
WORK_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)
RECORDS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000)
DECISIONS = ("ALLOW", "REVIEW", "BLOCK")
OUTCOMES = ("scored", "duplicate", "late", "rejected")

# The operator's part of each shard that it has met, with the shard's number.
Parts = Callable[[], Iterable[tuple[int, Any]]]


class Intake:
    """Records, by what became of them and where they came from."""

    def __init__(self, numbers: Numbers, parts: Parts, shards: int) -> None:
        self._parts = parts
        self._numbers, self._shards = numbers, shards
        self._outcomes = {name: numbers.number(names.RECORDS, name) for name in OUTCOMES}
        self._consumed = numbers.number(names.CONSUMED)
        self._conflicts = numbers.number(names.CONFLICTS)
        self._undeclared = numbers.number(names.UNDECLARED)
        self._over_limit = numbers.number(names.OVER_LIMIT)
        self._partition_payments = numbers.number(names.PARTITION_PAYMENTS)
        self._max_partition_payments = numbers.number(names.MAX_PARTITION_PAYMENTS)
        self._reasons: dict[str, Number] = {}
        self._partitions: dict[int, Number] = {}

    def count(
        self, records: Sequence[Raw], scored: int, rejected: Sequence[Reject], late: int
    ) -> None:
        """Count a batch; the stages count duplicates themselves."""
        self._outcomes["scored"].value += scored
        self._outcomes["late"].value += late
        self._outcomes["rejected"].value += len(rejected)
        for reject in rejected:
            self._reason(reject.reason).value += 1
        for partition, count in Counter(raw.partition for raw in records).items():
            self._partition(partition).value += count

    def look(self) -> None:
        """Bring up to date what the stages count."""
        parts = [part for _, part in self._parts()]
        self._consumed.value = sum(part.ingest.records for part in parts)
        self._outcomes["duplicate"].value = sum(
            p.ingest.duplicates + p.user.duplicates for p in parts
        )
        self._undeclared.value = sum(part.ingest.undeclared for part in parts)
        self._over_limit.value = sum(part.ingest.over_limit for part in parts)
        limits = [part.ingest.limit for part in parts]
        self._partition_payments.value = max((limit.fullest() for limit in limits), default=0)
        self._max_partition_payments.value = max((limit.most for limit in limits), default=0)
        self._conflicts.value = sum(p.ingest.conflicts + p.user.conflicts for p in parts)

    def _reason(self, reason: str) -> Number:
        found = self._reasons.get(reason)
        if found is None:
            found = self._reasons[reason] = self._numbers.number(names.REJECTED, reason)
        return found

    def _partition(self, partition: int) -> Number:
        found = self._partitions.get(partition)
        if found is None:
            labels = str(partition % self._shards), str(partition)
            found = self._numbers.number(names.PARTITION_RECORDS, *labels)
            self._partitions[partition] = found
        return found


class Work:
    """Batches: how many, how large, how long they took."""

    def __init__(self, numbers: Numbers) -> None:
        self._batches = numbers.number(names.BATCHES)
        self._records = numbers.histogram(names.BATCH_RECORDS, RECORDS)
        self._seconds = numbers.histogram(names.BATCH_SECONDS, WORK_S)

    def count(self, records: int, seconds: float) -> None:
        """Count a batch."""
        self._batches.value += 1
        self._records.observe(records)
        self._seconds.observe(seconds)


class Latency:
    """From the broker's time of a record until now, when it has been scored."""

    def __init__(self, numbers: Numbers) -> None:
        self._seconds = numbers.histogram(names.EVENT_TO_SCORE, LATENCY_S)

    def count(self, append_times: Iterable[int]) -> None:
        """Count records, by the broker's time in ms UTC."""
        now, observe = time.time() * 1000, self._seconds.observe
        for append_time, records in Counter(append_times).items():
            observe((now - append_time) / 1000, records)


class Judgements(Tally):
    """What rulesets decide: decisions and hits. An event counts once, by its first emission."""

    def __init__(self, numbers: Numbers, errors: Number) -> None:
        self._numbers, self._errors = numbers, errors
        self._decisions: dict[tuple[str, str], dict[str, Number]] = {}
        self._hits: dict[tuple[str, str], dict[str, Number]] = {}
        self._corrections = numbers.number(names.CORRECTIONS)
        self._failures = numbers.number(names.SHADOW_FAILURES)
        self._uncorrected = numbers.number(names.UNCORRECTED)

    def expect(self, kind: Kind, ruleset: Ruleset) -> None:
        """Events will be judged by this ruleset: all that it can say begins at 0."""
        key = kind, ruleset.fingerprint
        if key not in self._hits:
            number, labels = self._numbers.number, (kind, f"{ruleset.name}:{ruleset.version}")
            self._decisions[key] = {d: number(names.DECISIONS, *labels, d) for d in DECISIONS}
            hits = [*(rule.id for rule in ruleset.rules), *([RULE] if ruleset.release else [])]
            self._hits[key] = {one: number(names.RULE_HITS, *labels, one) for one in hits}

    def count(self, kind: Kind, ruleset: Ruleset, outcome: Outcome, revision: int) -> None:
        """Count a decision by an expected ruleset."""
        if revision:
            self._corrections.value += kind != "shadow"
            return
        key = kind, ruleset.fingerprint
        self._decisions[key][outcome.decision].value += 1
        hits = self._hits[key]
        for reason in outcome.reasons:
            hits[reason.rule].value += 1

    def failed(self) -> None:
        """The shadow ruleset failed on an event."""
        self._failures.value += 1

    def uncorrected(self) -> None:
        """The ruleset that an event has to be corrected under is not at hand."""
        self._uncorrected.value += 1

    def left_out(self) -> None:
        """What is to be emitted of an event can't be."""
        self._errors.value += 1


class StateGauges:
    """What the stages of an operator hold, and how far they have settled."""

    STAGES = ("user", "ip", "device", "declared")

    def __init__(self, numbers: Numbers, parts: Parts) -> None:
        self._numbers, self._parts = numbers, parts
        self._behind = numbers.number(names.BEHIND_FRONTIER)
        self._frontiers: dict[int, Number] = {}
        self._entries: dict[tuple[str, str], Number] = {}

    def look(self) -> None:
        """Bring the numbers up to date."""
        behind = 0
        totals: Counter[tuple[str, str]] = Counter()
        for shard, part in self._parts():
            frontiers = []
            for name in self.STAGES:
                if (stage := getattr(part, name, None)) is not None:
                    behind += stage.behind_frontier
                    frontiers.append(stage.frontier)
                    for state, count in stage.sizes().items():
                        totals[name, state] += count
            if hasattr(part, "decide"):
                totals["decide", "pending"] += len(part.decide)
            if shard not in self._frontiers:
                self._frontiers[shard] = self._numbers.number(names.FRONTIER, str(shard))
            self._frontiers[shard].value = max(0, min(frontiers)) // 1000
        self._behind.value = behind
        for key, count in totals.items():
            if key not in self._entries:
                self._entries[key] = self._numbers.number(names.STATE_ENTRIES, *key)
            self._entries[key].value = count
