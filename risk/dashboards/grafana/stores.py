"""Stores: whether each gets what it should, and how fast."""

from __future__ import annotations

from risk.config import metric_names as names
from risk.config.names import DELIVERY_GROUPS
from risk.dashboards.grafana.panels import Dashboard, Panel
from risk.dashboards.grafana.queries import per_second, quantile, select, total

DELIVERIES = f'=~"{DELIVERY_GROUPS}.*"'

STORES = Dashboard(
    "risk-stores",
    "Risk / Stores",
    "Does each store get what it should?",
    (
        Panel(
            "Rows by store and result",
            "Older: the store has a later revision already, as after a replay.",
            [(per_second(names.ROWS, "store", "result"), "{{store}} {{result}}")],
            "reqps",
        ),
        Panel(
            "Waiting for a store",
            "Scores that a delivery job has not committed yet.",
            [
                (
                    total(select(names.GROUP_LAG, consumergroup=DELIVERIES), "consumergroup"),
                    "{{consumergroup}}",
                )
            ],
        ),
        Panel(
            "Time to write a batch",
            "With its retries.",
            [
                (quantile(q, names.WRITE_SECONDS, "store"), f"{{{{store}}}} {label}")
                for q, label in ((0.5, "p50"), (0.95, "p95"), (0.99, "p99"))
            ],
            "s",
        ),
        Panel(
            "Writes that a store didn't take",
            "They are tried again, for as long as it takes.",
            [(per_second(names.WRITE_RETRIES, "store"), "{{store}}")],
            "reqps",
        ),
        Panel(
            "Dead letters by store",
            "Messages that a store will never take.",
            [
                (
                    per_second(names.ROWS, "store", result='="dead_lettered"'),
                    "{{store}}",
                )
            ],
            "reqps",
        ),
        Panel(
            "Dead letters and late events",
            "Records appended to risk.dlq and risk.late.",
            [
                (
                    per_second(names.TOPIC_OFFSET, "topic", topic='=~"risk.dlq|risk.late"'),
                    "{{topic}}",
                )
            ],
            "reqps",
        ),
        Panel(
            "Scores and alerts",
            "Records appended to risk.scores and risk.alerts.",
            [
                (
                    per_second(names.TOPIC_OFFSET, "topic", topic='=~"risk.scores|risk.alerts"'),
                    "{{topic}}",
                )
            ],
            "reqps",
        ),
        Panel(
            "Records that a topic holds",
            "From the oldest to the next; retention drops the oldest.",
            [
                (
                    f"{total(select(names.TOPIC_OFFSET), 'topic')}"
                    f" - {total(select(names.TOPIC_OLDEST_OFFSET), 'topic')}",
                    "{{topic}}",
                )
            ],
        ),
    ),
)
