"""The name of every metric that the project exposes: dashboards and alerts may rely on them."""

from __future__ import annotations

from typing import Final

from risk.config.metric import LE as LE
from risk.config.metric import OPERATOR as OPERATOR
from risk.config.metric import Kind as Kind
from risk.config.metric import Metric as Metric


def _job(name: str, kind: Kind, help: str, *labels: str) -> Metric:
    return Metric(name, kind, help, labels, OPERATOR)


# The scoring job.
RECORDS: Final = _job(
    "records_total",
    "counter",
    "Records read, by what became of them: scored, duplicate, late or rejected.",
    "outcome",
)
CONSUMED: Final = _job(
    "consumed_records_total", "counter", "Records read: as many as have an outcome."
)
CONFLICTS: Final = _job(
    "conflicts_total", "counter", "Duplicates that differ from the event that came first."
)
REJECTED: Final = _job(
    "rejected_records_total", "counter", "Records rejected to risk.dlq, by reason.", "reason"
)
PARTITION_RECORDS: Final = _job(
    "read_records_total",
    "counter",
    "Records read, by the partition that they came from and the shard that took them.",
    *("shard", "partition"),
)
DECISIONS: Final = _job(
    "decisions_total",
    "counter",
    "Decisions, corrections left out. `kind` is live, shadow or replay.",
    *("kind", "ruleset", "decision"),
)
RULE_HITS: Final = _job(
    "hits_total",
    "counter",
    "Events that a rule hit, corrections left out. `kind` is live, shadow or replay.",
    *("kind", "ruleset", "rule"),
)
INTERNAL_ERRORS: Final = _job(
    "internal_errors_total",
    "counter",
    "Records and corrections that were left out, as a stage or a rule failed on them: must be 0.",
)
LOST: Final = _job(
    "lost_records_total",
    "counter",
    "Records that were deleted from the topic before they were read.",
)
SHADOW_FAILURES: Final = _job(
    "shadow_failures_total", "counter", "Events that the shadow ruleset failed on."
)
CORRECTIONS: Final = _job(
    "corrections_total", "counter", "Events that were scored once more, as their features settled."
)
UNSAID: Final = _job(
    "uncorrected_total",
    "counter",
    "Corrections under a ruleset that the job was not given: must be 0.",
)
BEHIND_FRONTIER: Final = _job(
    "behind_frontier_events_total", "counter", "Events that came behind the frontier: must be 0."
)
FRONTIER: Final = _job(
    "frontier_timestamp_seconds",
    "gauge",
    "Event time up to which all is settled, in seconds since 1970. 0: no event was read yet.",
    "shard",
)
EVENT_TO_SCORE: Final = _job(
    "event_to_score_seconds",
    "histogram",
    "From the broker's time of a record until its batch was scored; of live runs.",
)
EVENTS: Final = _job(
    "events_total",
    "counter",
    "Events that an operator of the sharded placement took in, by its shard.",
    "shard",
)
SHARDS_SETTLED: Final = _job(
    "shards_settled", "gauge", "Shards with nothing left to wait for: all they read is settled."
)
BATCHES: Final = _job("batches_total", "counter", "Batches that an operator has worked on.")
BATCH_RECORDS: Final = _job("batch_records", "histogram", "How many records a batch has.")
BATCH_SECONDS: Final = _job("batch_seconds", "histogram", "How long a batch took in Python.")
STATE_ENTRIES: Final = _job(
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
        REJECTED,
        PARTITION_RECORDS,
        DECISIONS,
        RULE_HITS,
        INTERNAL_ERRORS,
        LOST,
        SHADOW_FAILURES,
        CORRECTIONS,
        UNSAID,
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

# The delivery jobs.
ROWS: Final = _job(
    "rows_total",
    "counter",
    "Messages taken from risk.scores and risk.late, by what became of them in the store: written, "
    "older than what is there, dead_lettered, or ignored, as they say nothing (tombstones).",
    *("store", "result"),
)
WRITE_RETRIES: Final = _job(
    "write_retries_total", "counter", "Writes that the store didn't take, and that are retried.",
    "store",
)  # fmt: skip
WRITE_SECONDS: Final = _job(
    "write_seconds",
    "histogram",
    "How long a batch took to be written, with its retries.",
    "store",
)
DELIVERY_BLOCKED: Final = _job(
    "delivery_blocked_ms",
    "gauge",
    "For how long the store has not taken the batch that is to be written now. 0: it takes them. "
    "A restart of the job in the same TaskManager does not begin anew.",
    "store",
)
DELIVERY: Final = (ROWS, WRITE_RETRIES, WRITE_SECONDS, DELIVERY_BLOCKED)

# The exporter. What concerns Kafka is named as kafka_exporter does, whose dashboards then work.
GROUP_LAG: Final = Metric(
    "kafka_consumergroup_lag",
    "gauge",
    "Records that a group has not committed yet; all there are if it has committed none.",
    ("consumergroup", "topic", "partition"),
)
GROUP_OFFSET: Final = Metric(
    "kafka_consumergroup_current_offset",
    "gauge",
    "The offset that a group has committed: that of the next record it will read.",
    ("consumergroup", "topic", "partition"),
)
TOPIC_OFFSET: Final = Metric(
    "kafka_topic_partition_current_offset",
    "gauge",
    "The offset that the next record of a partition will get.",
    ("topic", "partition"),
)
TOPIC_OLDEST_OFFSET: Final = Metric(
    "kafka_topic_partition_oldest_offset",
    "gauge",
    "The offset of the oldest record that a partition still has.",
    ("topic", "partition"),
)
BROKER_UP: Final = Metric(
    "risk_exporter_kafka_up", "gauge", "1 if the broker has answered the exporter, else 0."
)
DISK_FREE: Final = Metric(
    "risk_disk_free_bytes",
    "gauge",
    "Space left to the project on the disk that holds a folder.",
    ("path",),
)
DISK_SIZE: Final = Metric(
    "risk_disk_size_bytes", "gauge", "Size of the disk that holds a folder.", ("path",)
)
PROCESS_UP: Final = Metric(
    "risk_process_up",
    "gauge",
    "1 if a process of the embedded servers, which was started and not stopped, runs, else 0.",
    ("process",),
)
EXPORTER: Final = (
    *(GROUP_LAG, GROUP_OFFSET, TOPIC_OFFSET, TOPIC_OLDEST_OFFSET),
    *(BROKER_UP, DISK_FREE, DISK_SIZE, PROCESS_UP),
)

GENERATOR_RECORDS: Final = Metric(
    "risk_generator_records_total",
    "counter",
    "Records that the broker has acknowledged, by what the generator made of them.",
    ("kind",),
)
GENERATOR_LABELS: Final = Metric(
    "risk_generator_labels_total", "counter", "Labels that the broker has acknowledged."
)
GENERATOR_ERRORS: Final = Metric(
    "risk_generator_errors_total", "counter", "Records and labels that were not delivered."
)
GENERATOR_PUBLISH_SECONDS: Final = Metric(
    "risk_generator_publish_seconds",
    "histogram",
    "From handing a record to the producer until the broker has acknowledged it.",
)
GENERATOR_BEHIND_SECONDS: Final = Metric(
    "risk_generator_behind_seconds", "gauge", "How far publishing is behind its schedule."
)
GENERATOR: Final = (
    GENERATOR_RECORDS,
    GENERATOR_LABELS,
    GENERATOR_ERRORS,
    GENERATOR_PUBLISH_SECONDS,
    GENERATOR_BEHIND_SECONDS,
)
