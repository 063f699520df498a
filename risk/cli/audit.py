"""`risk audit`: search the scores, or show all that is known about one event."""

from __future__ import annotations

import argparse
import shlex
import sys
import time

import msgspec

from risk.audit.document import row
from risk.audit.elastic import to_elastic
from risk.audit.language import explain, lone_id, parse
from risk.audit.record import record
from risk.cli import audit_show as show
from risk.cli.common import whole
from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from risk.engine.rules.errors import Fault
from risk.errors import StackError, UserError
from risk.ops.settings import home, load_settings
from risk.stack.secrets import with_generated
from sinks.elasticsearch.search import search

MOST = 10_000  # as many as Elasticsearch gives at once

EPILOG = """\
an event: one word without any of : < > = " , or spaces is its id; all about
  every payment under it is shown (two users may give the same id), or with
  --user that user's. An id that looks like a query: --event ID

a query: terms, all of which must hold
  user: ip: device: event: rule: ruleset: decision: kind: late: run:
  merchant: mcc: channel: country: currency: source:
          a value, several (decision:BLOCK,REVIEW), how one starts (user:u12*),
          a network (ip:192.0.2.0/24), a ruleset's version (ruleset:default:1),
          or any text in "quotes"
  score amount revision
          a number to compare with: score>=70 amount<100000 revision:1
  -TERM   it must not hold: -country:DE
  last 24h (s, m, h, d, w); from 2025-03-01T12:00; to 2025-03-01
          the time of the event, in UTC

examples:
  risk audit 3f6c0a91b27d4e58a1c09d77
  risk audit 'user:u123 decision:BLOCK last 24h'
"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `risk audit`."""
    parser = subparsers.add_parser(
        "audit",
        help="search the scores, or show all about one event",
        description="Show all that the stores know about an event,\n"
        "or search the scores in Elasticsearch, the latest event first.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "query", nargs="*", help="an event's id, or what to search for (default: everything)"
    )
    parser.add_argument("--event", metavar="ID", help="show this event, whatever its id looks like")
    parser.add_argument("--user", metavar="ID", help="of an event, only this user's payment")
    parser.add_argument(
        "--limit",
        type=whole(1, MOST),
        default=20,
        metavar="N",
        help="how many to show (default: 20)",
    )
    parser.add_argument("--json", action="store_true", help="as one JSON object")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0; 1 if the one event asked for is in no store."""
    text = " ".join(args.query)
    if args.event and text:
        raise UserError("--event shows one event: leave the query out")
    event = args.event or lone_id(args.query)
    try:
        query = parse("" if event else text)
    except Fault as fault:
        hint = f"\nif it is an event's id: risk audit --event {shlex.quote(text)}"
        one_word = len(args.query) == 1 and " " not in text
        raise UserError(explain(text, fault) + hint * one_word) from None
    event = event or query.event
    if args.user and not event:
        raise UserError("--user is for one event: in a query write user:ID")
    settings = load_settings()
    try:
        settings = with_generated(settings, home(settings), "reader")
        if event:
            return _event(settings, event, args.user, args.json)
        now = time.time_ns() // 1_000_000
        total, hits = search(settings, to_elastic(query, now), args.limit)
    except StackError as error:
        raise UserError(str(error)) from None
    except Unavailable as error:
        line = str(error).partition("\n")[0]
        raise UserError(f"{line}: is it up? see `risk status`") from None
    rows = [row(hit) for hit in hits]
    if args.json:
        _print({"total": total, "hits": rows})
    else:
        show.hits(total, rows)
    return 0


def _event(settings: Settings, event_id: str, user_id: str | None, as_json: bool) -> int:
    found = record(settings, event_id, user_id)
    if as_json:
        _print(found)
    elif found.found:
        show.record(found)
    else:
        whose = f" of user {user_id}" if user_id else ""
        print(f"no event {event_id}{whose}", file=sys.stderr)
        for store, words in found.stored.items():
            print(f"  {store}: {words}", file=sys.stderr)
    return 0 if found.found else 1


def _print(what: object) -> None:
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(what)).decode() + "\n")
