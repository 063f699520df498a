"""What the operators of the scoring job count."""

from __future__ import annotations

from typing import Final

from risk.config.metric import of_operator

RECORDS: Final = of_operator(
    "records_total",
    "counter",
    "Records read, by what became of them: scored, duplicate, late or rejected.",
    "outcome",
)
CONSUMED: Final = of_operator(
    "consumed_records_total", "counter", "Records read: as many as have an outcome."
)
CONFLICTS: Final = of_operator(
    "conflicts_total", "counter", "Duplicates that differ from the event that came first."
)
UNDECLARED: Final = of_operator(
    "undeclared_attributes_total",
    "counter",
    "Attributes of payments that no ruleset of the job declares: kept, and read by no rule.",
)
OVER_LIMIT: Final = of_operator(
    "over_limit_total",
    "counter",
    "Late payments that are so as their partition has as many as may count in ten minutes.",
)
PARTITION_PAYMENTS: Final = of_operator(
    "fullest_partition_payments",
    "gauge",
    "Payments that count in the fullest ten minutes of the fullest partition.",
)
MAX_PARTITION_PAYMENTS: Final = of_operator(
    "max_partition_payments", "gauge", "How many may count: scoring.max_partition_payments."
)
REJECTED: Final = of_operator(
    "rejected_records_total", "counter", "Records rejected to risk.dlq, by reason.", "reason"
)
PARTITION_RECORDS: Final = of_operator(
    "read_records_total",
    "counter",
    "Records read, by the partition that they came from and the shard that took them.",
    *("shard", "partition"),
)
DECISIONS: Final = of_operator(
    "decisions_total",
    "counter",
    "Decisions, on late payments too, corrections left out. `kind` is live, shadow or replay.",
    *("kind", "ruleset", "decision"),
)
RULE_HITS: Final = of_operator(
    "hits_total",
    "counter",
    "Events that a rule hit, corrections left out. `kind` is live, shadow or replay.",
    *("kind", "ruleset", "rule"),
)
INTERNAL_ERRORS: Final = of_operator(
    "internal_errors_total",
    "counter",
    "Records and corrections that were left out, as a stage or a rule failed on them: must be 0.",
)
LOST: Final = of_operator(
    "lost_records_total",
    "counter",
    "Records that were deleted from the topic before they were read.",
)
SHADOW_FAILURES: Final = of_operator(
    "shadow_failures_total", "counter", "Events that the shadow ruleset failed on."
)
CORRECTIONS: Final = of_operator(
    "corrections_total", "counter", "Events that were scored once more, as their features settled."
)
UNCORRECTED: Final = of_operator(
    "uncorrected_total",
    "counter",
    "Corrections under a ruleset that the job was not given: must be 0.",
)
BEHIND_FRONTIER: Final = of_operator(
    "behind_frontier_events_total", "counter", "Events that came behind the frontier: must be 0."
)
FRONTIER: Final = of_operator(
    "frontier_timestamp_seconds",
    "gauge",
    "Event time up to which all is settled, in seconds since 1970. 0: no event was read yet.",
    "shard",
)
EVENT_TO_SCORE: Final = of_operator(
    "event_to_score_seconds",
    "histogram",
    "From the broker's time of a record until its batch was scored; of live runs.",
)
EVENTS: Final = of_operator(
    "events_total",
    "counter",
    "Events that an operator of the sharded placement took in, by its shard.",
    "shard",
)
SHARDS_SETTLED: Final = of_operator(
    "shards_settled", "gauge", "Shards with nothing left to wait for: all they read is settled."
)
BATCHES: Final = of_operator("batches_total", "counter", "Batches that an operator has worked on.")
BATCH_RECORDS: Final = of_operator("batch_records", "histogram", "How many records a batch has.")
BATCH_SECONDS: Final = of_operator("batch_seconds", "histogram", "How long a batch took in Python.")
STATE_ENTRIES: Final = of_operator(
    "entries",
    "gauge",
    "Entries that a stage holds: keys with recent events (awake), keys that are remembered "
    "(retained), journal batches (batches), events that may still change (pending).",
    *("stage", "state"),
)
SCORING: Final = (
    *(
        RECORDS,
        CONSUMED,
        CONFLICTS,
        OVER_LIMIT,
        PARTITION_PAYMENTS,
        MAX_PARTITION_PAYMENTS,
        UNDECLARED,
        REJECTED,
        PARTITION_RECORDS,
        DECISIONS,
        RULE_HITS,
        INTERNAL_ERRORS,
        LOST,
        SHADOW_FAILURES,
        CORRECTIONS,
        UNCORRECTED,
    ),
    *(
        BEHIND_FRONTIER,
        FRONTIER,
        EVENT_TO_SCORE,
        EVENTS,
        SHARDS_SETTLED,
        BATCHES,
        BATCH_RECORDS,
        BATCH_SECONDS,
    ),
    STATE_ENTRIES,
)
