"""What the page's cards show: plots, and the table of what became of decisions."""

from __future__ import annotations

from typing import NamedTuple

from risk.cli.diff_page.charts import WHOLE, Bar, Mark, Pair, bars, columns, dumbbells
from risk.cli.diff_page.shapes import Bars, Columns, Dumbbells
from risk.verify.diff.causes import ORDER, cause_name
from risk.verify.diff.report import Attack, Group, Labels, Report, share

CAUSES = 16
GROUPS = 8  # of each kind
KINDS = {"source": "Sources", "country": "Countries", "channel": "Channels"}
THIRD, SHORT_LABEL = 326, 92


class Cell(NamedTuple):
    """How many events went one way; `shade` in percent of a colour of the page."""

    events: int
    fraud: int
    colour: str  # line, stricter or looser
    shade: int


def moves(report: Report) -> dict[str, list[Cell]]:
    """What became of each decision: a row for each of side a's."""
    return {
        a: [_cell(report, i, a, j, b) for j, b in enumerate(ORDER)] for i, a in enumerate(ORDER)
    }


def _cell(report: Report, i: int, a: str, j: int, b: str) -> Cell:
    found = (move for move in report.moves if (move.a, move.b) == (a, b))
    events, fraud = next(((move.events, move.fraud) for move in found), (0, 0))
    if i == j:
        return Cell(events, fraud, "line", 55)
    strength = min(0.6, 0.12 + 1.6 * share(events, report.flips)) if events else 0
    return Cell(events, fraud, "stricter" if j > i else "looser", round(100 * strength))


def causes(report: Report) -> Bars | None:
    """What had a part in flips; none if no decision differs."""
    found = []
    for cause in report.causes[:CAUSES]:
        for kind, count, of_fraud in (
            ("stricter", cause.stricter, cause.stricter_fraud),
            ("looser", cause.looser, cause.looser_fraud),
        ):
            if not count:
                continue
            fraud = of_fraud if report.labels else count
            text = f"{count:,}" + (f", {fraud:,} fraud" if report.labels else "")
            label = cause.rule or "thresholds"
            small = cause_name(cause) if cause.rule else _thresholds(report)
            found.append(Bar(label, small, fraud, count - fraud, text, kind))
    return bars(found) if found else None


def scores(report: Report) -> Columns:
    """How many events have which score."""
    found = []
    for step in report.steps:
        upto = step.low + 9 if step.low < 90 else 100
        label = f"{step.low}–{upto}"
        found.append(Pair(str(step.low), step.a, step.b, "", f"events with a score of {label}"))
    marks = []
    for side, version in (("a", report.a), ("b", report.b)):
        marks.append(Mark(version.review / 10, side, f"REVIEW {version.review}"))
        marks.append(Mark(version.block / 10, side, f"BLOCK {version.block}"))
    return columns(found, True, marks)


def shifts(report: Report) -> Columns | None:
    """By how much scores moved; none if all are the same."""
    moved = {shift.upto: shift.events for shift in report.shifts if shift.upto}
    if not moved:
        return None
    found = [
        Pair(
            f"{upto:+d}", 0, moved.get(upto, 0), "", f"scores that moved by up to {upto:+d} points"
        )
        for upto in range(min(moved), max(moved) + 1, 10)
        if upto
    ]
    return columns(found, False)


def attacks_flagged(labels: Labels) -> Dumbbells:
    """How much of each attack is flagged."""
    return dumbbells(
        [
            _attack(
                attack,
                "flagged",
                attack.a_flagged,
                attack.b_flagged,
                _change(attack.gained, attack.lost),
            )
            for attack in labels.attacks
        ],
        True,
    )


def attacks_blocked(labels: Labels) -> Dumbbells:
    """How much of each attack is blocked."""
    return dumbbells(
        [
            _attack(
                attack,
                "blocked",
                attack.a_blocked,
                attack.b_blocked,
                _difference(attack.b_blocked - attack.a_blocked),
            )
            for attack in labels.attacks
        ],
        True,
    )


def _attack(attack: Attack, what: str, a: int, b: int, text: str) -> Pair:
    name = attack.name.replace("_", " ")
    title = f"{name}: {b:,} of {attack.events:,} events {what}, was {a:,}"
    return Pair(name, share(a, attack.events), share(b, attack.events), text, title)


def rules(report: Report) -> Dumbbells:
    """How often each rule hits."""
    pairs = [
        Pair(
            rule.rule.replace("_", " "),
            rule.a,
            rule.b,
            _difference(rule.b - rule.a),
            f"{rule.rule}: {rule.a:,} hits, {rule.a_fraud:,} of them fraud; then {rule.b:,}, "
            f"{rule.b_fraud:,} of them fraud",
        )
        for rule in sorted(report.rules, key=lambda rule: -max(rule.a, rule.b))
    ]
    return dumbbells(pairs, False, WHOLE)


def groups(report: Report) -> dict[str, Dumbbells]:
    """A plot for each kind of group, by its title."""
    plots = {}
    for kind, title in KINDS.items():
        found = [group for group in report.groups if group.kind == kind][:GROUPS]
        pairs = [
            Pair(
                group.name or "unknown",
                *_shares(group),
                f"{group.flips:,}",
                f"{group.name}: {group.b_flagged:,} of {group.events:,} flagged, was "
                f"{group.a_flagged:,}; false alarms {group.b_false:,}, was {group.a_false:,}",
            )
            for group in found
        ]
        plots[title] = dumbbells(pairs, True, THIRD, SHORT_LABEL)
    return plots


def _shares(group: Group) -> tuple[float, float]:
    return share(group.a_flagged, group.events), share(group.b_flagged, group.events)


def _thresholds(report: Report) -> str:
    a, b = report.a, report.b
    return f"{a.review}/{a.block} → {b.review}/{b.block}"


def _change(gained: int, lost: int) -> str:
    parts = (f"+{gained:,}" if gained else "", f"−{lost:,}" if lost else "")
    return " ".join(part for part in parts if part) or "="


def _difference(count: int) -> str:
    return f"{count:+,}" if count else "="
