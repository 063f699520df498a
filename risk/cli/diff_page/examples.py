"""The rows of the page's table of flips."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from risk.verify.diff.report import Example, Report


class Row(NamedTuple):
    """A flip, and what of it is shown in other words; `truth` is empty where it isn't known."""

    flip: Example
    when: str
    amount: str
    place: str
    truth: str


def examples(report: Report) -> Iterator[Row]:
    """The flips of the report."""
    for flip in report.examples:
        when = datetime.fromtimestamp(flip.event_time / 1_000, UTC)
        truth = ""
        if report.labels and flip.fraud is not None:
            truth = (flip.attack or "fraud").replace("_", " ") if flip.fraud else "honest"
        yield Row(
            flip=flip,
            when=when.strftime("%Y-%m-%d %H:%M:%S"),
            amount="" if flip.amount is None else f"{flip.amount / 100:,.2f} {flip.currency}",
            place=" ".join(part for part in (flip.country, flip.channel) if part),
            truth=truth,
        )
