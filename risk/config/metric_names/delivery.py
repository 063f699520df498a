"""What the delivery jobs count."""

from __future__ import annotations

from typing import Final

from risk.config.metric import of_operator

ROWS: Final = of_operator(
    "rows_total",
    "counter",
    "Messages taken from the delivery's topics, by what became of them in the store: written, "
    "older than what is there, dead_lettered, ignored, as they say nothing (tombstones), or "
    "erased, as their user was.",
    *("store", "result"),
)
WRITE_RETRIES: Final = of_operator(
    "write_retries_total", "counter", "Writes that the store didn't take, and that are retried.",
    "store",
)  # fmt: skip
WRITE_SECONDS: Final = of_operator(
    "write_seconds",
    "histogram",
    "How long a batch took to be written, with its retries.",
    "store",
)
DELIVERY_BLOCKED: Final = of_operator(
    "delivery_blocked_ms",
    "gauge",
    "For how long the store has not taken the batch that is to be written now. 0: it takes them. "
    "A restart of the job in the same TaskManager does not begin anew.",
    "store",
)
DELIVERY_HELD: Final = of_operator(
    "delivery_held",
    "gauge",
    "1 while the store refuses so many messages alike that none are put aside any more, else 0.",
    "store",
)
DELIVERY: Final = (ROWS, WRITE_RETRIES, WRITE_SECONDS, DELIVERY_BLOCKED, DELIVERY_HELD)
