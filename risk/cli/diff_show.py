"""A comparison as tables in the terminal."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from risk.cli import tables
from risk.cli.tables import Column, Styled, Table
from risk.verify.diff.causes import ORDER, cause_name
from risk.verify.diff.report import Labels, Report, share

GROUPS = 5  # of each kind


def show(console: Console, report: Report) -> None:
    """Print it."""
    a, b = report.a.tag, report.b.tag
    console.print(
        Text.assemble(
            (a, "bold"),
            f" (REVIEW from {report.a.review}, BLOCK from {report.a.block}) against ",
            (b, "bold"),
            f" ({report.b.review}, {report.b.block}): {report.events:,} events decided by both",
        ),
        soft_wrap=True,
    )
    alone = [(side.tag, side.events - report.events) for side in (report.a, report.b)]
    for name, count in alone:
        if count:
            console.print(f"{count:,} events only under {name} are left out")
    tables.show(console, _moves(report))
    tables.show(console, _causes(report))
    if report.labels:
        tables.show(console, _truth(report, report.labels))
        tables.show(console, _attacks(report, report.labels))
    else:
        console.print("no labels: what is fraud is not known, so neither are gain and loss")
    tables.show(console, _groups(report))
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


def _moves(report: Report) -> Table:
    found = {(move.a, move.b): move.events for move in report.moves}
    table = Table(f"{report.a.tag} \\ {report.b.tag}", *ORDER, title="decisions")
    for a in ORDER:
        counts = [(b, found.get((a, b), 0)) for b in ORDER]
        table.row(a, *(Styled(n, "bold yellow" if n and a != b else "") for b, n in counts))
    return table


def _causes(report: Report) -> Table:
    table = Table(
        "rule", "what changed", "stricter", "looser", "of these fraud", title="why decisions differ"
    )
    for cause in report.causes:
        fraud = cause.stricter_fraud + cause.looser_fraud if report.labels else None
        table.row(cause.rule or "-", cause_name(cause), cause.stricter, cause.looser, fraud)
    return table


def _truth(report: Report, labels: Labels) -> Table:
    table = Table(
        "measure",
        *(Column(name, right=True, least=12) for name in (report.a.tag, report.b.tag, "change")),
        title=f"against {labels.events:,} labels, {labels.fraud:,} of them fraud",
    )
    a, b = labels.a, labels.b
    for name, one, other in (
        ("recall", a.recall, b.recall),
        ("precision", a.precision, b.precision),
    ):
        table.row(name, f"{one:.1%}", f"{other:.1%}", f"{100 * (other - one):+.1f} points")
    for name, count, after in (
        ("fraud flagged", a.caught, b.caught),
        ("false alarms", a.false_alarms, b.false_alarms),
        ("fraud blocked", a.blocked_fraud, b.blocked_fraud),
        ("honest blocked", a.blocked_clean, b.blocked_clean),
    ):
        table.row(name, count, after, f"{after - count:+}")
    return table


def _attacks(report: Report, labels: Labels) -> Table:
    table = Table(
        "attack",
        "events",
        *_shares(report),
        "gained",
        "lost",
        title="attacks: share of their events flagged",
    )
    for attack in labels.attacks:
        table.row(
            attack.name,
            attack.events,
            f"{share(attack.a_flagged, attack.events):.1%}",
            f"{share(attack.b_flagged, attack.events):.1%}",
            attack.gained,
            attack.lost,
        )
    return table


def _shares(report: Report) -> list[Column]:
    return [Column(side.tag, right=True, least=12) for side in (report.a, report.b)]


def _groups(report: Report) -> Table:
    table = Table(
        "group",
        "name",
        "events",
        *_shares(report),
        "flips",
        title="groups: share of their events flagged",
    )
    for kind in ("source", "country", "channel"):
        for group in [group for group in report.groups if group.kind == kind][:GROUPS]:
            table.row(
                kind,
                group.name,
                group.events,
                f"{share(group.a_flagged, group.events):.2%}",
                f"{share(group.b_flagged, group.events):.2%}",
                group.flips,
            )
    return table
