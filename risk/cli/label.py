"""`risk label`: say what became of payments, and see which verdicts wait for theirs."""

from __future__ import annotations

import argparse
import getpass
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import msgspec

from risk.audit.moments import shown
from risk.cli import tables
from risk.cli.common import console, whole
from risk.cli.tables import Column, Table
from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from risk.engine.feedback import SOURCES, VERDICTS, encode
from risk.errors import StackError, UserError
from risk.ops.feedback.file import labels_of_file
from risk.ops.feedback.label import Labels, labels
from risk.ops.feedback.send import send
from risk.ops.feedback.table import Fault, Row
from risk.ops.settings import home, load_settings
from risk.stack.secrets import with_generated
from sinks.feedback import waiting

SHOWN: Final = 20  # faults of a file
OPTIONS: Final = {"event_id": "EVENT", "user_id": "--user", "event_time": "--time"}

EPILOG = """\
TIME is ISO 8601, in UTC without an offset (2025-03-01T12:00), or ms since 1970.
Of a payment the latest verdict of the highest source counts: a chargeback
before an analyst, an analyst before an import.

a file: CSV with a header; the columns event_id and user_id, and, where they are
  known, event_time, verdict, source, known_at, by and note. Where a row has no
  value, the options hold: --source (chargeback), --known-at, --by, --note, and
  fraud. A file that is sent twice counts once.

examples:
  risk label 3f6c0a91b27d4e58a1c09d77 fraud --note "the customer called"
  risk label 42 legitimate --user u123 --time 2025-03-01T12:00:00.250
  risk label --from chargebacks.csv --known-at 2025-03-31
  risk label --waiting
"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `risk label`."""
    parser = subparsers.add_parser(
        "label",
        help="say what became of a payment",
        description="Say of a payment that it was fraud, or that it was not: the verdict goes to\n"
        "risk.feedback, and from there to Postgres.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("event", nargs="?", metavar="EVENT", help="the payment's event_id")
    parser.add_argument("verdict", nargs="?", choices=VERDICTS, help="what became of it")
    parser.add_argument("--user", metavar="ID", help="whose: where several gave the same id")
    parser.add_argument("--time", metavar="TIME", help="the payment's event_time")
    parser.add_argument(
        "--source", choices=SOURCES, help="who says so (default: analyst; of a file: chargeback)"
    )
    parser.add_argument("--known-at", metavar="TIME", help="since when it is known (default: now)")
    parser.add_argument("--by", metavar="NAME", help="your name (default: that of your account)")
    parser.add_argument("--note", metavar="TEXT", help="why; card numbers in it are masked")
    parser.add_argument("--from", dest="file", metavar="FILE", help="many, from a CSV file")
    parser.add_argument(
        "--skip-bad",
        action="store_true",
        help="send the other rows of a file in which some are bad",
    )
    parser.add_argument(
        "--waiting", action="store_true", help="verdicts whose payment has no score"
    )
    parser.add_argument(
        "--limit", type=whole(1, 10_000), metavar="N", help="of those how many (default: 20)"
    )
    parser.add_argument("--json", action="store_true", help="as one JSON object")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0; 1 if rows of a file were left out."""
    _check(args)
    settings = load_settings()
    try:
        settings = with_generated(settings, home(settings))
    except StackError as error:
        raise UserError(str(error)) from None
    if args.waiting:
        return _waiting(settings, args.limit or SHOWN, args.json)
    return _file(settings, args) if args.file else _one(settings, args)


def _check(args: argparse.Namespace) -> None:
    """Refuse what doesn't go together."""
    if args.waiting and (args.file or args.event):
        raise UserError("--waiting sends nothing: leave the rest out")
    if args.file and args.event:
        raise UserError("--from: the file says which payments: leave EVENT out")
    for option in ("user", "time"):
        if getattr(args, option) is not None and (args.file or args.waiting):
            raise UserError(f"--{option} is for one payment")
    if args.skip_bad and not args.file:
        raise UserError("--skip-bad is for a file: --from FILE")
    if args.limit and not args.waiting:
        raise UserError("--limit is for --waiting")
    if not args.waiting and not args.file and not (args.event and args.verdict):
        raise UserError("say of which payment what became: risk label EVENT fraud|legitimate")


def _one(settings: Settings, args: argparse.Namespace) -> int:
    now = _now()
    said = {"event_id": args.event, "user_id": args.user, "event_time": args.time}
    row = Row(0, {name: text for name, text in said.items() if text is not None})
    usual = {"source": "analyst", "known_at": str(now), "verdict": args.verdict}
    with _asked():
        found = labels(settings, [row], usual | _given(args), now)
    for fault in found.faults:
        option = OPTIONS.get(fault.column, f"--{fault.column.replace('_', '-')}")
        raise UserError(f"{option}: {fault.message}")
    send(settings, found.messages)
    (one,) = found.messages
    if args.json:
        sys.stdout.write(encode(one).decode() + "\n")
    else:
        when = shown(one.event_time)
        console.print(f"{one.event_id} of user {one.user_id} at {when} UTC: {one.verdict}")
    return 0


def _file(settings: Settings, args: argparse.Namespace) -> int:
    with open(args.file, encoding="utf-8-sig", newline="") as lines, _asked():
        count, found = labels_of_file(
            settings, lines, args.file, _given(args), _now(), "--known-at TIME"
        )
    if found.faults and not args.skip_bad:
        raise UserError(
            f"{_told(args.file, found.faults)}\nnothing was sent: mend {len(found.faults):,} of "
            f"{count:,} rows, or leave them out with --skip-bad"
        )
    sent = send(settings, found.messages)
    _report(args, found, sent)
    return 1 if found.faults else 0


def _report(args: argparse.Namespace, found: Labels, sent: int) -> None:
    if args.json:
        faults = [fault._asdict() for fault in found.faults]
        sys.stdout.write(msgspec.json.encode({"sent": sent, "left_out": faults}).decode() + "\n")
        return
    if found.faults:
        print(f"risk: {_told(args.file, found.faults)}", file=sys.stderr)
    left_out = f", {len(found.faults):,} rows left out" if found.faults else ""
    console.print(f"{sent:,} verdicts sent{left_out}")


def _told(name: str, faults: list[Fault]) -> str:
    lines = [f"{name}: {fault}" for fault in faults[:SHOWN]]
    if len(faults) > SHOWN:
        lines.append(f"{name}: and {len(faults) - SHOWN:,} more")
    return "\n".join(lines)


def _waiting(settings: Settings, limit: int, as_json: bool) -> int:
    with _asked():
        total, found = waiting(settings, limit)
    if as_json:
        sys.stdout.write(msgspec.json.encode({"total": total, "waiting": found}).decode() + "\n")
        return 0
    table = Table(
        "event", Column("user", rank=1), "event time, UTC", "verdict", "source",
        Column("known at, UTC", rank=2), Column("by", rank=3),
    )  # fmt: skip
    for one in found:
        table.row(
            *(one.event_id, one.user_id, shown(one.event_time), one.verdict, one.source),
            *(shown(one.known_at), one.by),
        )
    if found:
        tables.show(console, table)
    more = f", the latest {len(found):,} shown" if total > len(found) else ""
    print(f"{total:,} verdicts wait for their payment{more}", file=sys.stderr)
    return 0


def _given(args: argparse.Namespace) -> dict[str, str]:
    """What the options say of all that is sent."""
    said = {
        "source": args.source,
        "known_at": args.known_at,
        "by": _account() if args.by is None else args.by,
        "note": args.note,
    }
    return {name: text for name, text in said.items() if text is not None}


def _account() -> str | None:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as containers have
        return None


def _now() -> int:
    return time.time_ns() // 1_000_000


@contextmanager
def _asked() -> Iterator[None]:
    try:
        yield
    except Unavailable as error:
        raise UserError(f"{error}: is it up? see `risk status`") from None
