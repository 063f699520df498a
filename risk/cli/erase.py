"""`risk erase`: remove a person from every store, and certify it."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

import msgspec

from risk.cli.common import account, console, say
from risk.cli.erasing.show import show_certificate, show_found, show_list
from risk.engine.delivery import Unavailable
from risk.engine.payment.names import fault
from risk.errors import UserError
from risk.ops import files
from risk.ops.cases.texts import checked_text
from risk.ops.erasure.certificate import encode
from risk.ops.erasure.run import erase, listed, look
from risk.ops.settings import settings_with_passwords

MOST_CHARACTERS = 128
HASH_SHOWN = 12  # hexadecimal digits, in the name of a certificate
EPILOG = """\
Stores are told first to take no more of the user: what Kafka still holds
brings nothing back, and payments made after the erasure are a new customer's.
Topics keep their records until their retention is over: the certificate says
until when. Run again it goes on where it was interrupted; a second time it
removes nothing.

examples:
  risk erase u123 --dry-run
  risk erase u123 --reason "request of 2026-03-01" --certificate erasure-17.json
  risk erase --list
"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `risk erase`."""
    parser = subparsers.add_parser(
        "erase",
        help="remove a person from every store, with a certificate",
        description="Remove a person from every store, from cases and trails, and certify it.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("user", nargs="?", metavar="USER", help="the user_id")
    parser.add_argument("--dry-run", action="store_true", help="count, and change nothing")
    parser.add_argument("--yes", action="store_true", help="don't ask before erasing")
    parser.add_argument("--reason", default="", metavar="TEXT", help="why; without the person")
    parser.add_argument(
        "--certificate",
        metavar="FILE",
        help="where the certificate is written (default: erasure-NUMBER-USERHASH.json)",
    )
    parser.add_argument(
        "--no-count",
        action="store_true",
        help="don't read the topics to count their records: say until when they can be there",
    )
    parser.add_argument("--list", action="store_true", help="list erasures")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0; 1 if something came back while it was erased: run it again."""
    if args.list:
        if args.user:
            raise UserError("--list is of all users: leave USER out")
        return _list(args)
    if args.user is None:
        raise UserError("USER is missing: whose data is to be erased?")
    if not args.user or len(args.user) > MOST_CHARACTERS:
        raise UserError(f"USER: {len(args.user)} characters: a user_id has 1 to {MOST_CHARACTERS}")
    if why := fault("USER", args.user):
        raise UserError(why)
    reason = _reason(args.reason, args.user)
    if args.certificate is not None:
        files.check("--certificate", Path(args.certificate))
    elif not args.dry_run:  # its name is that of the user's hash, as long as this one
        files.check("--certificate", Path(f"erasure-{'0' * HASH_SHOWN}.json"))
    settings = settings_with_passwords("owner")
    counted = not args.no_count
    try:
        if args.dry_run:
            found = look(settings, args.user, counted)
            if args.json:
                _print(found)
            else:
                show_found(found)
            return 0
        who = account()
        _confirm(args)
        told = (lambda _: None) if args.json else say
        done = erase(settings, args.user, who, reason, counted, told)
    except Unavailable as error:
        raise UserError(f"{error}: once it is back, run it again: it goes on") from None
    # With its number: one more erasure of the user must not replace what the first has certified.
    path = Path(args.certificate or f"erasure-{done.erasure}-{done.user[:HASH_SHOWN]}.json")
    files.replace(path, encode(done))
    if args.json:
        _print(done)
    else:
        show_certificate(done, path)
    return 1 if done.left else 0


def _reason(text: str, user: str) -> str:
    """Why, as it is certified. Raises `UserError`, for one that names the person too."""
    if re.search(rf"(?<!\w){re.escape(user)}(?!\w)", text):
        raise UserError(
            "--reason: has the user_id in it, which the certificate would keep: without"
        )
    return checked_text(text, "--reason")


def _confirm(args: argparse.Namespace) -> None:
    """Raise `UserError` unless the user is to be erased."""
    if args.yes:
        return
    if not sys.stdin.isatty():
        raise UserError("--yes is missing: this removes the user from every store; see --dry-run")
    question = f"Remove {args.user} from every store? It can't be undone. [y/N] "
    if console.input(question, markup=False).strip().lower() not in ("y", "yes"):
        raise UserError("nothing was changed")


def _list(args: argparse.Namespace) -> int:
    found = listed(settings_with_passwords("owner"))
    if args.json:
        _print(found)
    else:
        show_list(found)
    return 0


def _print(what: object) -> None:
    sys.stdout.write(msgspec.json.encode(what).decode() + "\n")
