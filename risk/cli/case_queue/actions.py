"""What each action of `risk case` does: the operation, and its answer shown."""

from __future__ import annotations

import argparse
import mimetypes
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from risk.audit.moments import length, moment
from risk.cli import tables
from risk.cli.case_queue.options import actor, filters
from risk.cli.case_queue.show import show_case, show_preview, show_queue
from risk.cli.common import console, say
from risk.cli.tables import Column, Table
from risk.config.settings import Settings
from risk.errors import UserError
from risk.ops.cases import bulk, notes, queue, steps
from risk.ops.settings import settings_with_passwords
from risk.registry.cases.notes import Attachment
from risk.registry.cases.records import Case, View


def run_list(args: argparse.Namespace) -> int:
    """0."""
    own = settings_with_passwords("console")
    which, sort = filters(own, args)
    cases, after = queue.page(own, which, sort, args.limit, args.after)
    totals = queue.totals(own, which)
    if args.json:
        _write({"total": totals.cases, "cases": cases, "after": after})
        return 0
    if cases:
        show_queue(cases, datetime.now(UTC))
    more = f", {len(cases):,} shown; the next: --after {after}" if after else ""
    print(f"{totals.cases:,} cases{more}", file=sys.stderr)
    return 0


def run_next(args: argparse.Namespace) -> int:
    """0; 1 if there is none."""
    own = settings_with_passwords("console")
    which, sort = filters(own, args)
    found = queue.next_case(own, actor(args), which, sort)
    if found is None:
        print("no case that nobody has", file=sys.stderr)
        return 1
    if args.json:
        _write(found)
    else:
        show_case(queue.whole(own, found.id, actor(args)))
    return 0


def run_show(args: argparse.Namespace) -> int:
    """0."""
    found = queue.whole(settings_with_passwords("console"), args.case, actor(args))
    if args.json:
        _write(found._asdict())
    else:
        show_case(found)
    return 0


def run_step(args: argparse.Namespace) -> int:
    """0."""
    own, who = settings_with_passwords("console"), actor(args)
    found = _step(own, args)
    if args.json:
        _write(found)
        return 0
    told = {
        "close": f"{found.verdict} by {who.name}"
        + (", to be approved by another person" if found.state == "pending" else ""),
        "approve": f"{found.verdict} by {found.judged_by}, approved by {who.name}",
        "snooze": f"until {found.snoozed_until:%Y-%m-%d %H:%M} UTC" if found.snoozed_until else "",
    }.get(args.step, "")
    whose = f", {found.assignee} has it" if found.state == "claimed" else ""
    say(f"case {found.id}: {found.state}{whose}{': ' if told else ''}{told}")
    return 0


def run_note(args: argparse.Namespace) -> int:
    """0."""
    files = []
    for name in args.file:
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        files.append(Attachment(Path(name).name, kind, Path(name).read_bytes()))
    number = notes.add_note(
        settings_with_passwords("console"), args.case, actor(args), args.text, files
    )
    if args.json:
        _write({"note": number})
    else:
        say(f"case {args.case}: note {number}")
    return 0


def run_file(args: argparse.Namespace) -> int:
    """0."""
    found = notes.read_file(settings_with_passwords("console"), args.case, args.file)
    sys.stdout.buffer.write(found.content)
    return 0


def run_bulk(args: argparse.Namespace) -> int:
    """0; 1 if cases were left out."""
    own, who = settings_with_passwords("console"), actor(args)
    which, _ = filters(own, args)
    seen = bulk.preview(own, who, which)
    if args.dry_run:
        if args.json:
            _write(seen)
        else:
            show_preview(seen, args.verdict)
        return 0
    if not args.yes:
        if not sys.stdin.isatty():
            raise UserError("--yes is missing: this judges many cases; --dry-run says how many")
        show_preview(seen, args.verdict)
        question = f"Judge {seen.cases:,} cases {args.verdict}? [y/N] "
        if console.input(question, markup=False).strip().lower() not in ("y", "yes"):
            raise UserError("nothing was judged")
    done = bulk.close_all(own, who, seen.revisions, args.verdict, args.reason)
    if args.json:
        _write(done)
    else:
        pending = f", {len(done.pending):,} to be approved" if done.pending else ""
        more = "; there are more: do it again" if seen.more else ""
        say(f"{len(done.closed):,} closed{pending}, {len(done.left_out):,} left out{more}")
    return 1 if done.left_out else 0


def run_views(args: argparse.Namespace) -> int:
    """0."""
    own, who = settings_with_passwords("console"), actor(args)
    if args.delete is not None:
        queue.delete_view(own, who, args.delete)
    found = queue.saved_views(own, who)
    if args.json:
        _write(found)
        return 0
    table = Table("name", "owner", "sort", Column("filters", least=20))
    for one in found:
        asked = msgspec.json.encode(_asked(one)).decode()
        table.row(one.name, one.owner, one.sort, asked)
    if found:
        tables.show(console, table)
    else:
        print("no saved views", file=sys.stderr)
    return 0


def run_save(args: argparse.Namespace) -> int:
    """0."""
    own, who = settings_with_passwords("console"), actor(args)
    which, sort = filters(own, args)
    view = View(owner=who.name, name=args.name, filters=which, sort=sort, shared=args.shared)
    queue.save_view(own, who, view)
    if args.json:
        _write(view)
    else:
        say(f"saved as {args.name}: risk case list --view {args.name}")
    return 0


def _step(own: Settings, args: argparse.Namespace) -> Case:
    who, case, seen = actor(args), args.case, args.revision
    match args.step:
        case "close":
            return steps.close(own, case, who, args.verdict, args.reason, seen)
        case "assign":
            return steps.assign(own, case, who, args.to, seen)
        case "snooze":
            return steps.snooze(own, case, who, _until(args), seen)
        case "claim" | "release" | "approve" as name:
            plain = {"claim": steps.claim, "release": steps.release, "approve": steps.approve}
            return plain[name](own, case, who, seen)
        case name:
            reasoned = {
                "escalate": steps.escalate,
                "reject": steps.reject,
                "undo": steps.undo,
                "reopen": steps.reopen,
            }
            return reasoned[name](own, case, who, args.reason, seen)


def _until(args: argparse.Namespace) -> datetime:
    if args.length is not None:
        ms = length(args.length)
        if ms is None:
            raise UserError(f"--for {args.length}: use a length of time, such as 4h")
        return datetime.now(UTC) + timedelta(milliseconds=ms)
    found = moment(args.until)
    if found is None:
        raise UserError(f"--until {args.until}: use a time in UTC, such as 2025-03-01T14:30")
    return datetime.fromtimestamp(found / 1_000, UTC)


def _asked(view: View) -> dict[str, Any]:
    said = msgspec.to_builtins(view.filters)
    return {name: value for name, value in said.items() if value not in (None, False)}


def _write(value: Any) -> None:
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")
