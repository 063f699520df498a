"""The name of every metric that the project exposes: dashboards and alerts may rely on them.

All of them are here, each defined with the others of what counts it.
"""

from __future__ import annotations

from risk.config.metric import LE as LE
from risk.config.metric import OPERATOR as OPERATOR
from risk.config.metric import Kind as Kind
from risk.config.metric import Metric as Metric
from risk.config.metric_names.delivery import DELIVERY as DELIVERY
from risk.config.metric_names.delivery import DELIVERY_BLOCKED as DELIVERY_BLOCKED
from risk.config.metric_names.delivery import DELIVERY_HELD as DELIVERY_HELD
from risk.config.metric_names.delivery import ROWS as ROWS
from risk.config.metric_names.delivery import WRITE_RETRIES as WRITE_RETRIES
from risk.config.metric_names.delivery import WRITE_SECONDS as WRITE_SECONDS
from risk.config.metric_names.drift import DECISIONS_DISTANCE as DECISIONS_DISTANCE
from risk.config.metric_names.drift import DRIFT as DRIFT
from risk.config.metric_names.drift import DRIFT_SAMPLE as DRIFT_SAMPLE
from risk.config.metric_names.drift import DRIFT_TIME as DRIFT_TIME
from risk.config.metric_names.drift import DRIFT_UP as DRIFT_UP
from risk.config.metric_names.drift import FEATURE_KS as FEATURE_KS
from risk.config.metric_names.drift import FEATURE_LEVEL as FEATURE_LEVEL
from risk.config.metric_names.drift import FEATURE_PSI as FEATURE_PSI
from risk.config.metric_names.drift import SCORE_LEVEL as SCORE_LEVEL
from risk.config.metric_names.drift import SCORE_PSI as SCORE_PSI
from risk.config.metric_names.exporter import BROKER_UP as BROKER_UP
from risk.config.metric_names.exporter import DISK_FREE as DISK_FREE
from risk.config.metric_names.exporter import DISK_SIZE as DISK_SIZE
from risk.config.metric_names.exporter import EXPORTER as EXPORTER
from risk.config.metric_names.exporter import GROUP_LAG as GROUP_LAG
from risk.config.metric_names.exporter import GROUP_OFFSET as GROUP_OFFSET
from risk.config.metric_names.exporter import MEMORY_AVAILABLE as MEMORY_AVAILABLE
from risk.config.metric_names.exporter import MEMORY_SIZE as MEMORY_SIZE
from risk.config.metric_names.exporter import PROCESS_UP as PROCESS_UP
from risk.config.metric_names.exporter import TOPIC_OFFSET as TOPIC_OFFSET
from risk.config.metric_names.exporter import TOPIC_OLDEST_OFFSET as TOPIC_OLDEST_OFFSET
from risk.config.metric_names.generator import GENERATOR as GENERATOR
from risk.config.metric_names.generator import GENERATOR_BEHIND_SECONDS as GENERATOR_BEHIND_SECONDS
from risk.config.metric_names.generator import GENERATOR_ERRORS as GENERATOR_ERRORS
from risk.config.metric_names.generator import GENERATOR_LABELS as GENERATOR_LABELS
from risk.config.metric_names.generator import (
    GENERATOR_PUBLISH_SECONDS as GENERATOR_PUBLISH_SECONDS,
)
from risk.config.metric_names.generator import GENERATOR_RECORDS as GENERATOR_RECORDS
from risk.config.metric_names.generator import GENERATOR_RENEWALS as GENERATOR_RENEWALS
from risk.config.metric_names.scoring import BATCH_RECORDS as BATCH_RECORDS
from risk.config.metric_names.scoring import BATCH_SECONDS as BATCH_SECONDS
from risk.config.metric_names.scoring import BATCHES as BATCHES
from risk.config.metric_names.scoring import BEHIND_FRONTIER as BEHIND_FRONTIER
from risk.config.metric_names.scoring import CONFLICTS as CONFLICTS
from risk.config.metric_names.scoring import CONSUMED as CONSUMED
from risk.config.metric_names.scoring import CORRECTIONS as CORRECTIONS
from risk.config.metric_names.scoring import DECISIONS as DECISIONS
from risk.config.metric_names.scoring import EVENT_TO_SCORE as EVENT_TO_SCORE
from risk.config.metric_names.scoring import EVENTS as EVENTS
from risk.config.metric_names.scoring import FRONTIER as FRONTIER
from risk.config.metric_names.scoring import INTERNAL_ERRORS as INTERNAL_ERRORS
from risk.config.metric_names.scoring import LOST as LOST
from risk.config.metric_names.scoring import MAX_PARTITION_PAYMENTS as MAX_PARTITION_PAYMENTS
from risk.config.metric_names.scoring import OVER_LIMIT as OVER_LIMIT
from risk.config.metric_names.scoring import PARTITION_PAYMENTS as PARTITION_PAYMENTS
from risk.config.metric_names.scoring import PARTITION_RECORDS as PARTITION_RECORDS
from risk.config.metric_names.scoring import RECORDS as RECORDS
from risk.config.metric_names.scoring import REJECTED as REJECTED
from risk.config.metric_names.scoring import RULE_HITS as RULE_HITS
from risk.config.metric_names.scoring import SCORING as SCORING
from risk.config.metric_names.scoring import SHADOW_FAILURES as SHADOW_FAILURES
from risk.config.metric_names.scoring import SHARDS_SETTLED as SHARDS_SETTLED
from risk.config.metric_names.scoring import STATE_ENTRIES as STATE_ENTRIES
from risk.config.metric_names.scoring import UNCORRECTED as UNCORRECTED
from risk.config.metric_names.scoring import UNDECLARED as UNDECLARED
