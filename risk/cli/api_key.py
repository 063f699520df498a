"""`risk api-key`: who may call the HTTP API."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime

import msgspec

from risk.cli import tables
from risk.cli.common import account, console, whole
from risk.cli.tables import Column, Table
from risk.config.types import MOST
from risk.engine.rules.errors import did_you_mean
from risk.errors import UserError
from risk.ops.settings import settings_with_passwords
from risk.registry import api_keys
from risk.registry.api_keys import NAME, SCOPES, NameTaken, Scope

EPILOG = f"""\
scopes:
  {", ".join(SCOPES)}
  With sensitive:read a payment is shown with its address, device and place,
  which are shortened without it; a card token is masked in any case.

examples:
  risk api-key add shop --scope payments:write
  risk api-key add desk --scope payments:read,alerts:read --rate 20
  risk api-key list --all
  risk api-key revoke shop
"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `risk api-key`."""
    parser = subparsers.add_parser(
        "api-key",
        help="who may call the HTTP API",
        description="Keys of the HTTP API: a key is printed once, and only its SHA-256 is kept.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(metavar="action", required=True)
    add = actions.add_parser("add", help="make a key, and print it")
    add.add_argument("name", type=_name, metavar="NAME", help="of who will use it: a-z 0-9 -")
    add.add_argument(
        "--scope", type=_scopes, required=True, metavar="NAMES", help="what it may do: see below"
    )
    add.add_argument(
        "--rate", type=whole(1, MOST), metavar="N", help="a second (default: api.rate)"
    )
    add.add_argument(
        "--burst", type=whole(1, MOST), metavar="N", help="at once (default: api.burst)"
    )
    add.set_defaults(run=_add)
    shown = actions.add_parser("list", help="the keys in use")
    shown.add_argument("--all", action="store_true", help="and those that were revoked")
    shown.add_argument("--json", action="store_true", help="as one JSON array")
    shown.set_defaults(run=_list)
    revoke = actions.add_parser("revoke", help="let a key be good for nothing")
    revoke.add_argument("which", metavar="NAME", help="its name or its prefix")
    revoke.set_defaults(run=_revoke)
    for action in (add, shown, revoke):
        action.epilog, action.formatter_class = EPILOG, argparse.RawDescriptionHelpFormatter


def _add(args: argparse.Namespace) -> int:
    """0."""
    try:
        settings, who = settings_with_passwords("console"), account()
        made = api_keys.add(settings, args.name, args.scope, who, args.rate, args.burst)
    except NameTaken:
        raise UserError(
            f"NAME: a key called {args.name} is in use: name another, or "
            f"`risk api-key revoke {args.name}` first"
        ) from None
    print(made.text)
    print("shown this once: keep it where secrets are kept", file=sys.stderr)
    return 0


def _list(args: argparse.Namespace) -> int:
    """0."""
    found = api_keys.keys(settings_with_passwords("console"), revoked=args.all)
    if args.json:
        told = [
            {k: v for k, v in msgspec.structs.asdict(one).items() if k != "sha256"} for one in found
        ]
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(told)).decode() + "\n")
        return 0
    table = Table(
        "name", "begins", Column("scopes", wrap=True, least=16), Column("rate", right=True, rank=2),
        Column("burst", right=True, rank=3), Column("since, UTC", rank=1), Column("by", rank=4),
        "revoked, UTC",
    )  # fmt: skip
    for one in found:
        table.row(
            *(one.name, f"rk_{one.prefix}", ", ".join(one.scopes)),
            *(one.rate or "", one.burst or "", _moment(one.created_at), one.created_by),
            _moment(one.revoked_at) if one.revoked_at else "",
        )
    if found:
        tables.show(console, table)
    print(f"{len(found):,} keys", file=sys.stderr)
    return 0


def _revoke(args: argparse.Namespace) -> int:
    """0."""
    settings = settings_with_passwords("console")
    if not api_keys.revoke(settings, args.which, account()):
        raise UserError(f"NAME: no key in use is called {args.which[:80]!r}: `risk api-key list`")
    within = settings.api.keys_refresh_ms / 1_000
    print(f"{args.which} is revoked: within {within:g} s no server takes it any more")
    return 0


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"


def _name(text: str) -> str:
    if not NAME.fullmatch(text):
        raise argparse.ArgumentTypeError(
            f"{text[:80]!r}: 1 to 63 of the characters a-z 0-9 -, the first a letter"
        )
    return text


def _scopes(text: str) -> tuple[Scope, ...]:
    found: list[Scope] = []
    for name in text.replace(",", " ").split():
        scope = next((one for one in SCOPES if one == name), None)
        if scope is None:
            hint = did_you_mean(name, SCOPES) or f": there are {', '.join(SCOPES)}"
            raise argparse.ArgumentTypeError(f"no scope {name[:80]!r}{hint}")
        if scope not in found:
            found.append(scope)
    if not found:
        raise argparse.ArgumentTypeError(f"name some of {', '.join(SCOPES)}")
    return tuple(found)
