"""The page's tiles: its figures that matter most."""

from __future__ import annotations

from typing import NamedTuple

from risk.verify.diff.report import Report, share


class Tile(NamedTuple):
    """A figure and what it is; `kind` is good, bad or empty."""

    kind: str
    value: str
    text: str


def tiles(report: Report) -> list[Tile]:
    """All of them; gain and loss only with labels."""
    found = [
        Tile(
            "", f"{report.flips:,}", f"decisions differ, {share(report.flips, report.events):.2%}"
        ),
        Tile("", f"{report.stricter:,} / {report.looser:,}", "stricter / looser"),
    ]
    if report.labels:
        a, b = report.labels.a, report.labels.b
        caught, alarms = b.caught - a.caught, b.false_alarms - a.false_alarms
        found += [
            Tile(
                _good(caught),
                f"{b.recall:.1%}",
                f"of fraud flagged, was {a.recall:.1%} ({caught:+,} events)",
            ),
            Tile(
                _good(b.precision - a.precision),
                f"{b.precision:.1%}",
                f"of flagged is fraud, was {a.precision:.1%}",
            ),
            Tile(_good(-alarms), f"{b.false_alarms:,}", f"false alarms ({alarms:+,})"),
        ]
    kind = "bad" if report.unexplained else "good"
    found.append(Tile(kind, f"{report.unexplained:,}", "flips without an explanation"))
    return found


def _good(change: float) -> str:
    return "good" if change > 0 else "bad" if change < 0 else ""
