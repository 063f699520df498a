"""What the generator of synthetic payments counts."""

from __future__ import annotations

from typing import Final

from risk.config.metric import Metric

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
GENERATOR_RENEWALS: Final = Metric(
    "risk_generator_renewals_total",
    "counter",
    "Clients of Kafka that were replaced by a new one, as a message had timed out.",
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
    GENERATOR_RENEWALS,
    GENERATOR_PUBLISH_SECONDS,
    GENERATOR_BEHIND_SECONDS,
)
