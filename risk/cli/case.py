"""`risk case`: the queue, and what is done with a case, from a terminal."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from risk.cli.case_queue import actions
from risk.cli.case_queue.options import add_actor, add_filters
from risk.cli.common import whole

EPILOG = """\
examples:
  risk case                                   the queue, the riskiest first
  risk case list --mine --sort due
  risk case next --rule velocity_burst        claim the next that nobody has
  risk case show 17
  risk case close 17 fraud --reason "the customer called"
  risk case undo 17
  risk case snooze 17 --for 4h
  risk case note 17 "asked the bank" --file mail.txt
  risk case bulk legitimate --rule night --country FR --dry-run

TIME is a length, such as 30m, 4h or 2d; or, with --until, ISO 8601 in UTC.
"""
_BULK = "judge all cases of the filters"


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `risk case`."""
    parser = subparsers.add_parser(
        "case",
        help="work on cases: queue, claim, verdicts, notes",
        description="What analysts work on: alerts of one user, or of a ring, as one case.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    own = parser.add_subparsers(metavar="action")
    listing = _add(own, "list", "list the queue (the default)", actions.run_list)
    add_filters(listing)
    listing.add_argument("--limit", type=whole(1, 500), default=20, metavar="N")
    listing.add_argument("--after", metavar="CURSOR", help="the page after: the last one told it")
    parser.set_defaults(**vars(listing.parse_args([])))
    add_filters(_add(own, "next", "claim the next case that nobody has", actions.run_next))
    _case(_add(own, "show", "show all of a case", actions.run_show))
    for name, text in (
        ("claim", "take a case"),
        ("release", "give a case back to the queue"),
        ("approve", "let another's verdict count"),
    ):
        _step(own, name, text)
    for name, text in (
        ("escalate", "hand a case to the leads"),
        ("reject", "give another's verdict back"),
        ("undo", "take a verdict back"),
        ("reopen", "put a closed case back into the queue"),
    ):
        _step(own, name, text).add_argument("--reason", default="", metavar="TEXT")
    _step(own, "assign", "give a case to somebody").add_argument("to", metavar="NAME")
    snoozing = _step(own, "snooze", "put a case aside")
    times = snoozing.add_mutually_exclusive_group(required=True)
    times.add_argument("--for", dest="length", metavar="TIME", help="so long")
    times.add_argument("--until", metavar="TIME", help="until then")
    closing = _step(own, "close", "judge a case")
    closing.add_argument("verdict", choices=("fraud", "legitimate"))
    closing.add_argument("--reason", default="", metavar="TEXT", help="card numbers are masked")
    noting = _add(own, "note", "add a note", actions.run_note)
    _case(noting)
    noting.add_argument("text", metavar="TEXT", help="card numbers in it are masked")
    noting.add_argument("--file", action="append", default=[], metavar="FILE", help="keep it, too")
    reading = _add(own, "file", "write a note's file to the output", actions.run_file)
    _case(reading)
    reading.add_argument("file", type=whole(1, 2**63 - 1), metavar="FILE", help="its number")
    bulk = _add(own, "bulk", _BULK, actions.run_bulk)
    bulk.add_argument("verdict", choices=("fraud", "legitimate"))
    bulk.add_argument("--reason", default="", metavar="TEXT")
    bulk.add_argument("--dry-run", action="store_true", help="only say how many it would be")
    bulk.add_argument("--yes", action="store_true", help="don't ask")
    add_filters(bulk)
    views = _add(own, "views", "list saved views", actions.run_views)
    views.add_argument("--delete", metavar="NAME", help="forget this one of yours")
    saving = _add(own, "save", "save filters as a view", actions.run_save)
    saving.add_argument("name", metavar="NAME")
    saving.add_argument("--shared", action="store_true", help="for everybody: a lead may")
    add_filters(saving)


def _add(
    own: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    text: str,
    run: Callable[[argparse.Namespace], int],
) -> argparse.ArgumentParser:
    parser = own.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
    add_actor(parser)
    parser.add_argument("--json", action="store_true", help="as one JSON object")
    parser.set_defaults(run=run)
    return parser


def _case(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("case", type=whole(1, 2**63 - 1), metavar="CASE", help="its number")


def _step(
    own: argparse._SubParsersAction[argparse.ArgumentParser], name: str, text: str
) -> argparse.ArgumentParser:
    parser = _add(own, name, text, actions.run_step)
    _case(parser)
    parser.add_argument(
        "--revision", type=whole(0, 2**31 - 1), metavar="N", help="refuse if it has changed since"
    )
    parser.set_defaults(step=name)
    return parser
