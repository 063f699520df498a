"""A comparison as tables in the terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.diffing.report import CauseCount, Labels, Report, share

ORDER = ("ALLOW", "REVIEW", "BLOCK")
GROUPS = 5  # of each kind


def show(console: Console, report: Report) -> None:
    """Print it."""
    a, b = report.a.tag, report.b.tag
    console.print(
        Text.assemble(
            (a, "bold"),
            f" (REVIEW from {report.a.review}, BLOCK from {report.a.block}) against ",
            (b, "bold"),
            f" ({report.b.review}, {report.b.block}): {report.events:,} events scored by both",
        ),
        soft_wrap=True,
    )
    alone = [(side.tag, side.events - report.events) for side in (report.a, report.b)]
    for name, count in alone:
        if count:
            console.print(f"{count:,} events only under {name} are left out")
    console.print(_moves(report))
    console.print(_causes(report))
    if report.labels:
        console.print(_truth(report, report.labels))
        console.print(_attacks(report, report.labels))
    else:
        console.print("no labels: what is fraud is not known, so neither are gain and loss")
    console.print(_groups(report))
    console.print(
        f"{report.flips:,} decisions differ: {report.stricter:,} stricter, {report.looser:,} "
        f"looser; scores move by {report.mean_shift:+.2f} points on average",
        soft_wrap=True,
    )
    colour = "red" if report.unexplained else "green"
    console.print(Text(f"{report.unexplained:,} unexplained", colour))
    if report.other_features:
        console.print(
            Text.assemble(
                (f"{report.other_features:,} events had other features under {b}", "yellow"),
                ": they were scored before they had settled, or from another history",
            )
        )


def cause_name(cause: CauseCount) -> str:
    """What a cause is, in words."""
    return {
        "added": "new rule",
        "removed": "rule left out",
        "condition": "other condition",
        "points": "other points",
        "features": "other features",
        "threshold": "thresholds",
    }[cause.why]


def _moves(report: Report) -> Table:
    found = {(move.a, move.b): move.events for move in report.moves}
    table = Table(title="decisions", title_justify="left")
    table.add_column(f"{report.a.tag} \\ {report.b.tag}")
    for decision in ORDER:
        table.add_column(decision, justify="right")
    for a in ORDER:
        cells = []
        for b in ORDER:
            count = f"{found.get((a, b), 0):,}"
            cells.append(Text(count, "" if a == b or count == "0" else "bold yellow"))
        table.add_row(a, *cells)
    return table


def _causes(report: Report) -> Table:
    table = Table(title="why decisions differ", title_justify="left")
    table.add_column("rule")
    table.add_column("what changed")
    for column in ("stricter", "looser", "of these fraud"):
        table.add_column(column, justify="right")
    for cause in report.causes:
        fraud = f"{cause.stricter_fraud + cause.looser_fraud:,}" if report.labels else ""
        table.add_row(
            cause.rule or "-",
            cause_name(cause),
            f"{cause.stricter:,}",
            f"{cause.looser:,}",
            fraud,
        )
    return table


def _truth(report: Report, labels: Labels) -> Table:
    table = Table(
        title=f"against {labels.events:,} labels, {labels.fraud:,} of them fraud",
        title_justify="left",
    )
    table.add_column("")
    for name in (report.a.tag, report.b.tag, "change"):
        table.add_column(name, justify="right")
    a, b = labels.a, labels.b
    for name, one, other in (
        ("recall", a.recall, b.recall),
        ("precision", a.precision, b.precision),
    ):
        table.add_row(name, f"{one:.1%}", f"{other:.1%}", f"{100 * (other - one):+.1f} points")
    for name, count, after in (
        ("fraud flagged", a.caught, b.caught),
        ("false alarms", a.false_alarms, b.false_alarms),
        ("fraud blocked", a.blocked_fraud, b.blocked_fraud),
        ("honest blocked", a.blocked_clean, b.blocked_clean),
    ):
        table.add_row(name, f"{count:,}", f"{after:,}", f"{after - count:+,}")
    return table


def _attacks(report: Report, labels: Labels) -> Table:
    table = Table(title="attacks: share of their events flagged", title_justify="left")
    table.add_column("attack")
    for column in ("events", report.a.tag, report.b.tag, "gained", "lost"):
        table.add_column(column, justify="right")
    for attack in labels.attacks:
        table.add_row(
            attack.name,
            f"{attack.events:,}",
            f"{share(attack.a_flagged, attack.events):.1%}",
            f"{share(attack.b_flagged, attack.events):.1%}",
            f"{attack.gained:,}",
            f"{attack.lost:,}",
        )
    return table


def _groups(report: Report) -> Table:
    table = Table(title="groups: share of their events flagged", title_justify="left")
    for column in ("group", "name"):
        table.add_column(column)
    for column in ("events", report.a.tag, report.b.tag, "flips"):
        table.add_column(column, justify="right")
    for kind in ("source", "country", "channel"):
        for group in [group for group in report.groups if group.kind == kind][:GROUPS]:
            table.add_row(
                kind,
                group.name,
                f"{group.events:,}",
                f"{share(group.a_flagged, group.events):.2%}",
                f"{share(group.b_flagged, group.events):.2%}",
                f"{group.flips:,}",
            )
    return table
