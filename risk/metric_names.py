"""The name of every metric that the project exposes: dashboards and alerts may rely on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["counter", "gauge", "histogram"]


@dataclass(frozen=True)
class Metric:
    """One metric, as Prometheus shows it. A counter's name ends in `_total`."""

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()


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
