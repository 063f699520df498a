"""`risk user`: who may use the console, and in which role."""

from __future__ import annotations

import argparse
import getpass
import sys

import msgspec

from risk.cli import tables
from risk.cli.common import console, say, whole
from risk.cli.tables import Column, Styled, Table
from risk.errors import UserError
from risk.ops.cases.texts import checked_name
from risk.ops.settings import settings_with_passwords
from risk.ops.users import manage
from risk.ops.users.manage import ROLES

EPILOG = """\
roles, each with all that those before it may do
  viewer    sees alerts, with what identifies a person masked
  analyst   has masked values of a payment shown, which is noted
  lead      reads the access log
  admin     changes roles and locks users out

A password is asked for, or read from the first line of standard input.

examples:
  risk user add ada --role admin
  risk user add bob@example.org --role analyst --oidc
  risk user list
  risk user access --of u123
  risk user disable bob@example.org
"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `risk user`."""
    layout = argparse.RawDescriptionHelpFormatter
    text = "add users of the console, change their roles, lock them out"
    parser = subparsers.add_parser(
        "user", help=text, description=text, epilog=EPILOG, formatter_class=layout
    )
    actions = parser.add_subparsers(metavar="action", required=True)
    added = _action(actions, "add", "add a user", run_add)
    added.add_argument("--role", choices=ROLES, default="analyst", help="default: %(default)s")
    added.add_argument(
        "--oidc", action="store_true", help="without a password: signs in through OpenID Connect"
    )
    listing = actions.add_parser("list", help="list users", description="List users.")
    listing.add_argument("--json", action="store_true", help="as JSON")
    listing.set_defaults(run=run_list)
    access = actions.add_parser(
        "access",
        help="list who had masked values shown",
        description="List who had masked values of which payments shown, the latest first.",
    )
    access.add_argument("--by", metavar="NAME", help="who looked")
    access.add_argument("--of", metavar="USER", help="the user_id of the payments")
    access.add_argument(
        "--limit", type=whole(1, 100_000), default=200, help="how many (default: %(default)s)"
    )
    access.add_argument("--json", action="store_true", help="as JSON")
    access.set_defaults(run=run_access)
    _action(actions, "password", "change a user's password; their sessions end", run_password)
    role = _action(actions, "role", "give a user another role", run_role)
    role.add_argument("role", choices=ROLES, help="the new role")
    _action(actions, "disable", "lock a user out; their sessions end", run_disable)
    _action(actions, "enable", "let a user in again", run_enable)
    token = _action(actions, "token", "print a token with which a program reads /feed", run_token)
    token.add_argument(
        "--days", type=whole(1, 365), default=30, help="how long it lasts (default: %(default)s)"
    )


def run_add(args: argparse.Namespace) -> int:
    """0."""
    settings = settings_with_passwords("console")
    password = None if args.oidc else _password()
    name = manage.add(settings, args.name, args.role, password)
    say(f"{name} is a user now: {args.role}, at {settings.console.origin}")
    return 0


def run_list(args: argparse.Namespace) -> int:
    """0."""
    found = manage.listed(settings_with_passwords("console"))
    if args.json:
        sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
        return 0
    table = Table(
        Column("name", least=8),
        "role",
        Column("sign-in", rank=3),
        Column("last sign-in", rank=2),
        Column("state", rank=1),
        title="users",
    )
    for one in found:
        last = one.signed_in_at.strftime("%Y-%m-%d %H:%M") if one.signed_in_at else None
        state = Styled("disabled", "red") if one.disabled_at else "active"
        table.row(one.name, one.role, "password" if one.has_password else "provider", last, state)
    tables.show(console, table)
    return 0


def run_access(args: argparse.Namespace) -> int:
    """0."""
    if args.by is not None:  # an empty one would be of everybody
        checked_name("--by", args.by.strip())
    if args.of is not None:
        checked_name("--of", args.of)
    found = manage.accesses(settings_with_passwords("console"), args.limit, args.by, args.of)
    if args.json:
        sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
        return 0
    table = Table(
        "at",
        Column("who", least=8),
        Column("role", rank=3),
        Column("user", least=8),
        Column("event", least=8),
        Column("fields", least=8, rank=1),
        Column("address", rank=2),
        title="masked values that were shown",
    )
    for one in found:
        at = one.at.strftime("%Y-%m-%d %H:%M:%S")
        fields = ", ".join(one.fields)
        table.row(at, one.name, one.role, one.user_id, one.event_id, fields, one.address)
    tables.show(console, table)
    return 0


def run_password(args: argparse.Namespace) -> int:
    """0."""
    manage.set_password(settings_with_passwords("console"), args.name, _password())
    say(f"{args.name} has a new password")
    return 0


def run_role(args: argparse.Namespace) -> int:
    """0."""
    manage.set_role(settings_with_passwords("console"), args.name, args.role)
    say(f"{args.name} is {args.role} now")
    return 0


def run_disable(args: argparse.Namespace) -> int:
    """0."""
    manage.disable(settings_with_passwords("console"), args.name)
    say(f"{args.name} is locked out")
    return 0


def run_enable(args: argparse.Namespace) -> int:
    """0."""
    manage.disable(settings_with_passwords("console"), args.name, disabled=False)
    say(f"{args.name} may sign in again")
    return 0


def run_token(args: argparse.Namespace) -> int:
    """0. The token is printed this once."""
    sys.stdout.write(manage.token(settings_with_passwords("console"), args.name, args.days) + "\n")
    return 0


def _action(
    actions: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    text: str,
    run: object,
) -> argparse.ArgumentParser:
    """An action on one user."""
    parser = actions.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
    parser.add_argument("name", metavar="NAME", help="the user's name")
    parser.set_defaults(run=run)
    return parser


def _password() -> str:
    """Asked for twice at a terminal, else the first line of standard input. Never an argument."""
    if not sys.stdin.isatty():
        line = sys.stdin.readline(4_096).rstrip("\r\n")
        if not line:
            raise UserError("password: nothing on standard input: write it there, in one line")
        return line
    try:
        first = getpass.getpass("Password: ")
        if getpass.getpass("Once more: ") != first:
            raise UserError("password: the two differ: try again")
    except EOFError:
        raise UserError("password: none was given") from None
    return first
