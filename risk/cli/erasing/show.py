"""What was found of a person, what was removed, and what remains until when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from risk.cli.common import console, say
from risk.cli.tables import Column, Styled, Table, show
from risk.ops.erasure.certificate import Certificate, Remains
from risk.ops.erasure.run import Found
from risk.registry.erasures import Erasure


def show_found(found: Found) -> None:
    """What would be removed."""
    table = Table("where", "what", Column("there", right=True), title="would be removed")
    for where, kinds in found.places.items():
        for what, count in kinds.items():
            table.row(where, what, count)
    show(console, table)
    _show_remains(found.remains)
    if found.open_cases:
        say(f"open cases keep the user: {', '.join(map(str, found.open_cases))}: close them first")
    for moment in found.earlier:
        say(f"erased before, {_moment(moment)}: what is here came since")


def show_certificate(done: Certificate, path: Path) -> None:
    """What was removed, and where the certificate is."""
    columns = Column("removed", right=True), Column("left", right=True)
    table = Table("where", "what", *columns, title=f"erasure {done.erasure}")
    for one in done.removed:
        table.row(one.where, one.what, one.removed, Styled(one.left, "red") if one.left else 0)
    show(console, table)
    _show_remains(done.remains)
    say(f"by {done.by}, {_moment(done.started_at)} to {_moment(done.finished_at)}")
    say(f"certificate: {path}, sha256 {done.sha256}")
    if done.left:
        say("something came back meanwhile, and the erasure is still under way: run it again")


def show_list(found: Sequence[Erasure]) -> None:
    """The erasures that there were."""
    table = Table(
        Column("erasure", right=True),
        Column("user (hash)", least=12),
        "by",
        "begun",
        Column("done", rank=1),
        Column("removed", right=True),
        title="erasures",
    )
    for one in found:
        done = _moment(one.finished_at) if one.finished_at else Styled("under way", "yellow")
        total = sum(sum(kinds.values()) for kinds in one.removed.values())
        table.row(one.id, one.user_hash, one.who, _moment(one.started_at), done, total)
    show(console, table)


def _show_remains(remains: Sequence[Remains]) -> None:
    table = Table(
        "where",
        Column("records", right=True),
        "until",
        Column("why", least=20, wrap=True),
        title="remains",
    )
    for one in remains:
        until = _moment(one.until) if one.until else None
        table.row(one.where, one.records, until, one.why)
    show(console, table)


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M")
