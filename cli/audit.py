"""`risk audit`: search the scores, or show all that is known about one event."""

from __future__ import annotations

import argparse
import sys
import time

import msgspec

from cli.auditing import show
from cli.auditing.document import row
from cli.auditing.elastic import to_elastic
from cli.auditing.language import explain, parse
from cli.auditing.record import record
from cli.common import UserError, load_settings, whole
from cli.up import home
from risk.delivery import Unavailable
from risk.rules.errors import Fault
from risk.settings import Settings
from sinks.elasticsearch.search import search
from stack.process import StackError
from stack.secrets import with_generated

MOST = 10_000  # as many as Elasticsearch gives at once

EPILOG = """\
terms, all of which must hold:
  user: ip: device: event: rule: ruleset: decision: kind: late: run:
  merchant: mcc: channel: country: currency: source:
          a value, several (decision:BLOCK,REVIEW), the start of one (user:u12*), a network
          (ip:192.0.2.0/24), a ruleset's version (ruleset:default:1), or any text in "quotes"
  score amount revision
          a number to compare with: score>=70 amount<100000 revision:1
  -TERM   it must not hold: -country:DE
  last 24h (s, m, h, d, w); from 2025-03-01T12:00; to 2025-03-01
          the time of the event, in UTC

example: risk audit 'user:u123 decision:BLOCK last 24h'
"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `risk audit`."""
    parser = subparsers.add_parser(
        "audit",
        help="search the scores, or show all about one event",
        description="search the scores in Elasticsearch, the latest event first; "
        "with one event (event:ID, or --event) show all that the stores know about it",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("query", nargs="*", help="what to search for (default: everything)")
    parser.add_argument("--event", metavar="ID", help="show this event")
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
    try:
        query = parse(text)
    except Fault as fault:
        raise UserError(explain(text, fault)) from None
    settings = load_settings()
    try:
        settings = with_generated(settings, home(settings))
        if event := args.event or query.event:
            return _event(settings, event, args.json)
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


def _event(settings: Settings, event_id: str, as_json: bool) -> int:
    found = record(settings, event_id)
    if as_json:
        _print(found)
    elif found.found:
        show.record(found)
    else:
        print(f"no event {event_id}", file=sys.stderr)
        for store, words in found.stored.items():
            print(f"  {store}: {words}", file=sys.stderr)
    return 0 if found.found else 1


def _print(what: object) -> None:
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(what)).decode() + "\n")
