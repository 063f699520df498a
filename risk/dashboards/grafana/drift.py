"""Drift: whether payments are what they were, and what moved if they aren't."""

from __future__ import annotations

from risk.config import metric_names as names
from risk.dashboards.grafana.panels import Dashboard, Panel
from risk.dashboards.grafana.queries import select

PSI = (0.1, 0.25)  # some, much

DRIFT = Dashboard(
    "risk-drift",
    "Risk / Drift",
    "Are payments what they were a week before? Measured every 15 minutes, of the last 24 hours.",
    (
        Panel(
            "Score",
            "Its population stability index: from 0.1 on it has moved some, from 0.25 on much.",
            [(f"max({select(names.SCORE_PSI)})", "PSI")],
            *("short", "stat", 6, 4),
            limits=PSI,
        ),
        Panel(
            "Feature that moved most",
            "The highest of the features' population stability indexes.",
            [(f"max({select(names.FEATURE_PSI)})", "PSI")],
            *("short", "stat", 6, 4),
            limits=PSI,
        ),
        Panel(
            "Features that moved much",
            "By PSI or by the Kolmogorov-Smirnov statistic.",
            [(f"count({select(names.FEATURE_LEVEL)} == 2) or vector(0)", "features")],
            *("short", "stat", 6, 4),
            limits=(1, 5),
        ),
        Panel(
            "Measured",
            "1: the last time it could be; 0: Postgres was away, or no ruleset is active.",
            [(select(names.DRIFT_UP), "measured")],
            *("short", "stat", 6, 4),
        ),
        Panel(
            "Features: PSI",
            "The last 24 hours against the 7 whole days before; 0.1 is some, 0.25 much.",
            [(select(names.FEATURE_PSI), "{{feature}}")],
            height=10,
        ),
        Panel(
            "Features: Kolmogorov-Smirnov",
            "The largest difference between the distributions; 0.1 is some, 0.2 much.",
            [(select(names.FEATURE_KS), "{{feature}}")],
            height=10,
        ),
        Panel(
            "Score and decisions",
            "PSI of the score, total variation between the shares of ALLOW, REVIEW and BLOCK.",
            [
                (select(names.SCORE_PSI), "score, PSI"),
                (select(names.DECISIONS_DISTANCE), "decisions, total variation"),
            ],
        ),
        Panel(
            "Payments sampled",
            "Of each side; of fewer than 500 nothing is said.",
            [(select(names.DRIFT_SAMPLE), "{{side}}")],
        ),
    ),
    since="now-7d",
)
