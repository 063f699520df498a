"""Cases as tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from risk.audit.moments import shown
from risk.cli import tables
from risk.cli.common import console
from risk.cli.tables import Column, Styled, Table
from risk.ops.cases.bulk import Preview
from risk.ops.cases.money import money
from risk.ops.cases.queue import Whole
from risk.registry.cases.records import Case

_STYLES = {
    "open": "",
    "claimed": "cyan",
    "snoozed": "yellow",
    "pending": "magenta",
    "closed": "dim",
}


def show_queue(cases: Sequence[Case], now: datetime) -> None:
    """The cases of a page."""
    table = Table(
        "case",
        "state",
        "score",
        "decision",
        Column("user", least=12),
        Column("at stake", least=10, right=True),
        Column("alerts", rank=2),
        Column("due", rank=1, right=True),
        Column("assignee", rank=3, least=8),
        Column("rules", rank=4, least=12),
        Column("countries", rank=5),
    )
    for case in cases:
        others = f" +{len(case.users) - 1}" if len(case.users) > 1 else ""
        table.row(
            str(case.id),
            Styled(case.state, _STYLES[case.state]),
            case.score,
            case.decision,
            f"{case.user_id}{others}",
            money(case.amounts),
            case.alerts,
            _due(case, now),
            case.assignee,
            ",".join(case.rules),
            ",".join(case.countries),
        )
    tables.show(console, table)


def show_case(found: Whole) -> None:
    """All of one case."""
    case = found.case
    head = Table("case", Column(str(case.id), wrap=True, least=20))
    for name, value in (
        ("state", case.state if case.level == "analyst" else f"{case.state}, escalated"),
        ("assignee", case.assignee or ""),
        ("snoozed until, UTC", _moment(case.snoozed_until)),
        ("verdict", case.verdict or ""),
        ("reason", case.reason),
        ("judged by", case.judged_by or ""),
        ("approved by", case.approved_by or ""),
        ("score", f"{case.score} {case.decision}"),
        ("at stake", money(case.amounts)),
        ("users", ", ".join(case.users)),
        ("rules", ", ".join(case.rules)),
        ("opened, UTC", _moment(case.opened_at)),
        ("due, UTC", _moment(case.due_at)),
        ("revision", str(case.revision)),
        ("you may", ", ".join(found.allowed)),
    ):
        if value:
            head.row(name, value)
    alerts = Table(
        "event time, UTC", Column("event", least=10), Column("user", least=8, rank=1), "score",
        "decision", Column("amount", right=True), Column("country", rank=3),
        Column("reasons", least=12, rank=2), title="alerts",
    )  # fmt: skip
    for one in found.alerts:
        texts = "; ".join(reason["text"] for reason in one.reasons)
        amount = money({one.currency: one.amount})
        alerts.row(
            *(shown(one.event_time), one.event_id, one.user_id, one.score, one.decision),
            *(amount, one.country, texts),
        )
    tables.show(console, head, alerts, *_beside(found))


def show_preview(seen: Preview, verdict: str) -> None:
    """What a bulk verdict would be of."""
    table = Table("what", "count")
    table.row(f"cases: {verdict}", seen.cases)
    table.row("of these to be approved", seen.approvals)
    table.row("alerts", seen.alerts)
    table.row("at stake, in major units", round(seen.stake, 2))
    table.row("left out: not yours to judge", len(seen.left_out))
    tables.show(console, table)


def _beside(found: Whole) -> list[Table]:
    trail = Table(
        "at, UTC", "who", "step", Column("state", rank=1), Column("detail", least=12, rank=2),
        title="trail",
    )  # fmt: skip
    for event in found.trail:
        moved = (
            event.to_state
            if event.from_state == event.to_state
            else (f"{event.from_state or '-'} to {event.to_state}")
        )
        said = "; ".join(f"{name} {value}" for name, value in event.detail.items() if value)
        trail.row(_moment(event.at), event.who, event.step, moved, said)
    notes = Table("at, UTC", "who", Column("note", wrap=True, least=20), "files", title="notes")
    for note in found.notes:
        files = ", ".join(f"{file.id}: {file.name}" for file in note.files)
        notes.row(_moment(note.at), note.who, note.note, files)
    related = Table(
        "case", "state", Column("user", least=12), "score", "verdict", "shares",
        title="related cases",
    )  # fmt: skip
    for one in found.related:
        kinds = ", ".join(one.kinds)
        related.row(str(one.id), one.state, one.user_id, one.score, one.verdict, kinds)
    return [table for table in (notes, related, trail) if table.rows]


def _moment(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}" if moment else ""


def _due(case: Case, now: datetime) -> str:
    minutes = int((case.due_at - now).total_seconds() // 60)
    ago = "-" if minutes < 0 else ""
    hours, rest = divmod(abs(minutes), 60)
    return f"{ago}{hours}h{rest:02}m"
