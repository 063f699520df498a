"""`risk dlq`: the records that were rejected: list them, show one, send them again."""

from __future__ import annotations

import argparse
import sys
import time

import msgspec

from risk.audit.moments import length, moment, shown
from risk.cli import tables
from risk.cli.common import console, whole
from risk.cli.dead_letters.show import print_letter, read_letter
from risk.cli.tables import Column, Table
from risk.config.settings import Settings
from risk.errors import UserError
from risk.kafka.scan import read_all
from risk.ops.dead_letters.resend import Resent, count, resend
from risk.ops.dead_letters.survey import Choice, Survey, survey
from risk.ops.settings import settings_with_passwords

EPILOG = """\
examples:
  risk dlq                                    what was rejected, and why
  risk dlq list --reason not_json --since 2h
  risk dlq show 0:1234                        one, as it came
  risk dlq show risk.transactions:0:98765     the one that this record became
  risk dlq resend --reason internal_error --dry-run

TIME is how long ago (s, m, h, d, w), or ISO 8601 in UTC: 2025-03-01T12:00
"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `risk dlq`."""
    layout = argparse.RawDescriptionHelpFormatter
    parser = subparsers.add_parser(
        "dlq",
        help="list rejected records, show one, send them again",
        description="The records that were rejected, and the scores that a store refused.",
        epilog=EPILOG,
        formatter_class=layout,
    )
    actions = parser.add_subparsers(metavar="action")
    listing = actions.add_parser(
        "list",
        help="count them by reason, and show the newest (the default)",
        description="Count the records of risk.dlq by reason and stage, and show the newest.",
        epilog="example: risk dlq list --stage deliver --since 2h",
    )
    _choice(listing)
    listing.add_argument(
        "--limit", type=whole(0, 10_000), default=10, metavar="N", help="how many (default: 10)"
    )
    listing.add_argument("--json", action="store_true", help="as one JSON object")
    listing.set_defaults(run=run_list)
    parser.set_defaults(**vars(listing.parse_args([])))
    one = actions.add_parser(
        "show",
        help="show one: headers, key and value",
        description="Show one: its headers, key and value, as text or in hexadecimal.",
        epilog="example: risk dlq show 0:1234 --value > payment.json",
    )
    one.add_argument(
        "place",
        metavar="[TOPIC:]PARTITION:OFFSET",
        help="where it stands in risk.dlq; or, with a topic, where the record stands it is of",
    )
    one.add_argument(
        "--bytes", type=whole(1, 1_000_000_000), default=2_048, metavar="N", help="(default: 2048)"
    )
    one.add_argument("--value", action="store_true", help="the value alone, as it came")
    one.set_defaults(run=run_show)
    again = actions.add_parser(
        "resend",
        help="send them again, each once",
        description="Send records again, as they came, to the topic that they came from. What has "
        "been sent again is noted in risk.dlq and never sent twice.",
        epilog="example: risk dlq resend --reason internal_error --since 2025-03-01",
    )
    _choice(again)
    again.add_argument("--limit", type=whole(1, 1_000_000_000), metavar="N", help="at most so many")
    again.add_argument("--dry-run", action="store_true", help="only say how many it would be")
    again.add_argument("--yes", action="store_true", help="don't ask")
    again.add_argument("--json", action="store_true", help="as one JSON object")
    again.set_defaults(run=run_resend)


def _choice(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--reason", action="append", help="of this reason; may be repeated")
    parser.add_argument(
        "--stage", action="append", help="of this stage, such as decode or deliver; may be repeated"
    )
    parser.add_argument("--since", metavar="TIME", help="rejected from then on")
    parser.add_argument("--until", metavar="TIME", help="rejected before then")


def choice(args: argparse.Namespace, now: int) -> Choice:
    """What the options choose; `now` in ms UTC. Raises `UserError`."""
    times: dict[str, int | None] = {"since": None, "until": None}
    for name in times:
        text = getattr(args, name)
        if text is None:
            continue
        ago = length(text)
        times[name] = now - ago if ago is not None else moment(text, end=name == "until")
        if times[name] is None:
            raise UserError(
                f"--{name} {text}: use how long ago, such as 24h, or a time in UTC, such as "
                "2025-03-01 or 2025-03-01T14:30"
            )
    since, until = times.values()
    if since is not None and until is not None and since >= until:
        raise UserError("--since is not before --until")
    return Choice(frozenset(args.reason or ()), frozenset(args.stage or ()), since, until)


def run_list(args: argparse.Namespace) -> int:
    """0."""
    settings, which = settings_with_passwords(), choice(args, _now())
    found = survey(read_all(settings, settings.topics.dlq), which, args.limit)
    if args.json:
        sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
    else:
        _show(found)
    return 0


def run_show(args: argparse.Namespace) -> int:
    """0; 1 if there is none."""
    message = read_letter(settings_with_passwords(), args.place)
    if message is None:
        print(f"no dead letter {args.place}", file=sys.stderr)
        return 1
    if args.value:
        sys.stdout.buffer.write(message.value() or b"")
    else:
        print_letter(console, message, args.bytes)
    return 0


def run_resend(args: argparse.Namespace) -> int:
    """0; 1 if some of them could not be sent."""
    settings, which = settings_with_passwords(), choice(args, _now())
    if args.dry_run:
        done = count(settings, which, args.limit)
    else:
        if not args.yes:
            _confirm(settings, which, args.limit)
        done = resend(settings, which, args.limit, _progress)
    if args.json:
        sys.stdout.write(msgspec.json.encode(done).decode() + "\n")
    else:
        told = Table("what", "records")
        told.row("would be sent" if args.dry_run else "sent again", done.sent)
        told.row("sent before", done.already)
        told.row("too large for the topic", done.too_large)
        told.row("not whole, and gone from the topic", done.gone)
        told.row("of no topic or partition there is", done.unplaced)
        tables.show(console, told)
    return 1 if done.too_large or done.gone or done.unplaced else 0


def _confirm(settings: Settings, which: Choice, limit: int | None) -> None:
    if not sys.stdin.isatty():
        raise UserError("--yes is missing: this sends records again; --dry-run says how many")
    found = count(settings, which, limit)
    question = f"Send {found.sent:,} records again? [y/N] "
    if console.input(question, markup=False).strip().lower() not in ("y", "yes"):
        raise UserError("nothing was sent")


def _progress(done: Resent) -> None:
    if sys.stderr.isatty():
        print(f"{done.sent:,} sent", file=sys.stderr, flush=True)


def _show(found: Survey) -> None:
    groups = Table(
        "reason",
        "stage",
        Column("of", rank=3),
        "records",
        Column("sent again", rank=1),
        Column("first, UTC", rank=4),
        Column("last, UTC", rank=2),
        title="dead letters",
    )
    for one in found.groups:
        times = shown(one.first), shown(one.last)
        groups.row(one.reason, one.stage, one.topic, one.letters, one.resent, *times)
    newest = Table(
        "place",
        Column("time, UTC", rank=1),
        Column("of", rank=2),
        "reason",
        Column("message", least=20),
        title="the newest",
    )
    for letter in found.newest:
        place = f"{letter.position.partition}:{letter.position.offset}"
        source = str(letter.source or "")
        newest.row(place, shown(letter.time), source, letter.reason, letter.message)
    if found.letters:
        tables.show(console, groups, *([newest] if newest.rows else []))
    else:
        print("no dead letters", file=sys.stderr)


def _now() -> int:
    return time.time_ns() // 1_000_000
