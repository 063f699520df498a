"""The first dashboard to look at: rate, decisions, flag rate, latency."""

from __future__ import annotations

from risk.config import metric_names as names
from risk.config.names import SCORING_GROUPS
from risk.dashboards.grafana.panels import Dashboard, Panel
from risk.dashboards.grafana.queries import per_second, quantile, select, total

LIVE = '="live"'
SCORING = f'=~"{SCORING_GROUPS}.*"'
WAITING = total(select(names.GROUP_LAG, consumergroup=SCORING))
FLAGGED = (
    total(f'risk:decisions:rate5m{{kind{LIVE}, decision!="ALLOW"}}')
    + f" / {total(f'risk:decisions:rate5m{{kind{LIVE}}}')}"
)
FULLEST = (
    f"max by (job_name) ({select(names.PARTITION_PAYMENTS)}"
    f" / {select(names.MAX_PARTITION_PAYMENTS)})"
)

OVERVIEW = Dashboard(
    "risk-overview",
    "Risk / Overview",
    "Is traffic scored, how fast, and what comes of it?",
    (
        Panel(
            "Records",
            "Read by the scoring jobs.",
            [(per_second(names.CONSUMED), "records")],
            *("reqps", "stat", 4, 4),
        ),
        Panel(
            "Flagged",
            "Share of events that end in REVIEW or BLOCK, over 5 minutes.",
            [(FLAGGED, "flagged")],
            *("percentunit", "stat", 4, 4),
        ),
        Panel(
            "Latency, 95 of 100",
            "From the broker's time of a record to its score.",
            [(quantile(0.95, names.EVENT_TO_SCORE), "p95")],
            *("s", "stat", 4, 4),
            limits=(0.1, 1),
        ),
        Panel(
            "Waiting",
            "Transactions not yet committed by scoring; some seconds' worth is normal.",
            [(WAITING, "records")],
            *("short", "stat", 4, 4),
            limits=(10_000, 100_000),
        ),
        Panel(
            "Without an outcome",
            "Records read, less those scored, duplicate, late or rejected: must come back to 0.",
            [(f"{total(select(names.CONSUMED))} - {total(select(names.RECORDS))}", "records")],
            *("short", "stat", 4, 4),
            limits=(1, 1),
        ),
        Panel(
            "Behind the frontier",
            "Events that came when their neighbours were forgotten: must be 0.",
            [(total(select(names.BEHIND_FRONTIER)), "events")],
            *("short", "stat", 4, 4),
            limits=(1, 1),
        ),
        Panel(
            "Records by outcome",
            "Each record read has exactly one.",
            [(per_second(names.RECORDS, "outcome"), "{{outcome}}")],
            "reqps",
            stacked=True,
        ),
        Panel(
            "Decisions",
            "Of the live rulesets, on late payments too; corrections left out.",
            [(per_second(names.DECISIONS, "decision", kind=LIVE), "{{decision}}")],
            "reqps",
            stacked=True,
        ),
        Panel(
            "Event to score",
            "From the broker's time of a record until its batch was scored.",
            [(quantile(q, names.EVENT_TO_SCORE), f"p{100 * q:g}") for q in (0.5, 0.95, 0.99)],
            "s",
        ),
        Panel(
            "Flag rate against its usual",
            "Over 5 minutes, and its average over a day.",
            [
                ('risk:flagged:ratio5m{kind="live"}', "{{ruleset}}"),
                ('risk:flagged:ratio5m_avg1d{kind="live"}', "{{ruleset}}, usual"),
            ],
            "percentunit",
        ),
        Panel(
            "Rejected by reason",
            "Records that went to risk.dlq.",
            [(per_second(names.REJECTED, "reason"), "{{reason}}")],
            "reqps",
        ),
        Panel(
            "Corrections, duplicates that differ, payments beyond the limit",
            "Events said once more as their features settled; event ids used for two payloads; late"
            " ones that are so because their partition has as many as may count in ten minutes.",
            [
                (per_second(names.CORRECTIONS), "corrections"),
                (per_second(names.CONFLICTS), "conflicts"),
                (per_second(names.OVER_LIMIT), "over the limit"),
            ],
            "reqps",
        ),
        Panel(
            "How full the fullest partition is",
            "Payments that count in its fullest ten minutes, as a share of how many may.",
            [(FULLEST, "{{job_name}}")],
            "percentunit",
            limits=(0.8, 1),
        ),
        Panel(
            "Time for a batch",
            "Of each operator's Python, per batch.",
            [
                (
                    quantile(q, names.BATCH_SECONDS, "operator_name"),
                    f"{{{{operator_name}}}} {label}",
                )
                for q, label in ((0.5, "p50"), (0.99, "p99"))
            ],
            "s",
        ),
        Panel(
            "Records in a batch",
            "More in a batch is cheaper for each, and later.",
            [
                (
                    quantile(q, names.BATCH_RECORDS, "operator_name"),
                    f"{{{{operator_name}}}} {label}",
                )
                for q, label in ((0.5, "p50"), (0.99, "p99"))
            ],
        ),
        Panel(
            "Generated",
            "What risk generate --metrics-port has sent.",
            [(per_second(names.GENERATOR_RECORDS, "kind"), "{{kind}}")],
            "reqps",
        ),
        Panel(
            "Generator behind its schedule",
            "Above 0 it can't keep the rate that was asked for.",
            [(select(names.GENERATOR_BEHIND_SECONDS), "{{instance}}")],
            "s",
        ),
    ),
)
