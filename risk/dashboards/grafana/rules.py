"""Rules: which hit how often, and what a ruleset on trial would change."""

from __future__ import annotations

from risk.config import metric_names as names
from risk.dashboards.grafana.panels import Dashboard, Panel
from risk.dashboards.grafana.queries import per_second, select, total

LIVE, SHADOW = '="live"', '="shadow"'


def share(kind: str) -> str:
    """Of the events that a ruleset judges, the share that each rule hits."""
    hits = per_second(names.RULE_HITS, "ruleset", "rule", kind=kind)
    events = per_second(names.DECISIONS, "ruleset", kind=kind)
    return f"{hits} / on (ruleset) group_left () ({events} > 0)"


def side(kind: str) -> str:
    """The same without the ruleset, so that two rulesets' rules of one name can be compared."""
    hits = per_second(names.RULE_HITS, "rule", kind=kind)
    return f"{hits} / scalar({per_second(names.DECISIONS, kind=kind)})"


RULES = Dashboard(
    "risk-rules",
    "Risk / Rules",
    "Which rules hit, and what would another ruleset do?",
    (
        Panel(
            "Hits by rule",
            "Of the live rulesets, corrections left out.",
            [(per_second(names.RULE_HITS, "ruleset", "rule", kind=LIVE), "{{rule}}")],
            "reqps",
            width=24,
            height=10,
        ),
        Panel(
            "Share of events that a rule hits",
            "Of the live rulesets.",
            [(share(LIVE), "{{ruleset}} {{rule}}")],
            "percentunit",
        ),
        Panel(
            "Share of events that a rule hits, in the shadow",
            "Of rulesets on trial, which decide nothing.",
            [(share(SHADOW), "{{ruleset}} {{rule}}")],
            "percentunit",
        ),
        Panel(
            "Shadow less live",
            "How many more events a rule of the shadow ruleset hits than the live rule of that id.",
            [(f"({side(SHADOW)}) - ({side(LIVE)})", "{{rule}}")],
            "percentunit",
        ),
        Panel(
            "Flag rate, live and shadow",
            "Share of events that end in REVIEW or BLOCK, over 5 minutes.",
            [("risk:flagged:ratio5m", "{{kind}} {{ruleset}}")],
            "percentunit",
        ),
        Panel(
            "Decisions, live and shadow",
            "Events a second.",
            [
                (
                    per_second(names.DECISIONS, "kind", "ruleset", "decision"),
                    "{{kind}} {{ruleset}} {{decision}}",
                )
            ],
            "reqps",
        ),
        Panel(
            "Failures of the shadow ruleset",
            "Events that it could not score. They don't concern the live one.",
            [(per_second(names.SHADOW_FAILURES), "failures")],
            "reqps",
        ),
        Panel(
            "Hits since the jobs were started",
            "By ruleset and rule.",
            [(total(select(names.RULE_HITS), "kind", "ruleset", "rule"), "")],
            kind="table",
            width=24,
            height=12,
        ),
    ),
)
