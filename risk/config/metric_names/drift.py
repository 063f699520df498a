"""What the exporter says of drift. What isn't known is NaN, so that each series is always there."""

from __future__ import annotations

from typing import Final

from risk.config.metric import Metric

FEATURE_PSI: Final = Metric(
    "risk_feature_psi",
    "gauge",
    "A feature's population stability index: the last 24 hours against the 7 whole days before.",
    ("feature",),
)
FEATURE_KS: Final = Metric(
    "risk_feature_ks", "gauge", "Its two-sample Kolmogorov-Smirnov statistic.", ("feature",)
)
FEATURE_LEVEL: Final = Metric(
    "risk_feature_drift_level", "gauge", "What these two say: 0 none, 1 some, 2 much.", ("feature",)
)
SCORE_PSI: Final = Metric("risk_score_psi", "gauge", "The score's population stability index.")
SCORE_LEVEL: Final = Metric(
    "risk_score_drift_level", "gauge", "How far the score has moved: 0 none, 1 some, 2 much."
)
DECISIONS_DISTANCE: Final = Metric(
    "risk_decisions_total_variation",
    "gauge",
    "The total variation between the shares of ALLOW, REVIEW and BLOCK then and now.",
)
DRIFT_SAMPLE: Final = Metric(
    "risk_drift_sample_size",
    "gauge",
    "Payments that were sampled of each side: reference and current.",
    ("side",),
)
DRIFT_UP: Final = Metric(
    "risk_drift_up", "gauge", "1 if drift could be measured when that was tried last, else 0."
)
DRIFT_TIME: Final = Metric(
    "risk_drift_timestamp_seconds", "gauge", "When it was measured, in seconds since 1970."
)
DRIFT: Final = (
    *(FEATURE_PSI, FEATURE_KS, FEATURE_LEVEL, SCORE_PSI, SCORE_LEVEL, DECISIONS_DISTANCE),
    *(DRIFT_SAMPLE, DRIFT_UP, DRIFT_TIME),
)
