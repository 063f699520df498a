"""Options that choose cases, and that say who acts."""

from __future__ import annotations

import argparse
import getpass

from risk.audit.moments import length
from risk.cli.common import number, whole
from risk.config.settings import Settings
from risk.errors import UserError
from risk.ops.actor import ROLES, Actor
from risk.ops.cases import queue
from risk.registry.cases.records import SORTS, STATES, Filters, Sort


def add_filters(parser: argparse.ArgumentParser) -> None:
    """Add what chooses cases."""
    add = parser.add_argument
    add(
        "--state", action="append", choices=STATES, help="may be repeated (default: all but closed)"
    )
    add("--assignee", metavar="NAME", help="whose; an empty one: nobody's")
    add("--mine", action="store_true", help="those of --by")
    add("--decision", choices=("REVIEW", "BLOCK"), help="the hardest of its alerts")
    add("--verdict", dest="judged", choices=("fraud", "legitimate"), help="of closed ones")
    add("--score", type=whole(0, 100), metavar="N", help="at least")
    add("--stake", type=number(0, 1e15), metavar="N", help="at least, in major units")
    add("--rule", metavar="NAME", help="which hit")
    add("--user", metavar="ID", help="whose payments")
    add("--country", metavar="XX", help="of a payment")
    add("--older", metavar="TIME", help="opened that long ago or longer: 30m, 4h, 2d")
    add("--overdue", action="store_true", help="those that should have been judged by now")
    add("--view", metavar="NAME", help="a saved view, in place of the options above")
    add("--sort", choices=SORTS, help="risk (the default), stake, age or due")


def add_actor(parser: argparse.ArgumentParser) -> None:
    """Add who acts."""
    parser.add_argument("--by", metavar="NAME", help="your name (default: that of your account)")
    parser.add_argument(
        "--role", choices=ROLES, default="analyst", help="as what you act (default: %(default)s)"
    )


def filters(settings: Settings, args: argparse.Namespace) -> tuple[Filters, Sort]:
    """The filters and the order that the options say. Raises `UserError`."""
    given = (
        *(args.state, args.assignee, args.decision, args.judged, args.score, args.stake),
        *(args.rule, args.user, args.country, args.older),
    )
    if args.view is not None:
        if args.mine or args.overdue or any(value is not None for value in given):
            raise UserError("--view: it has filters of its own: leave the others out")
        view = queue.view(settings, actor(args), args.view)
        return view.filters, args.sort or view.sort
    if args.mine and args.assignee is not None:
        raise UserError("--mine and --assignee don't go together")
    older = None if args.older is None else length(args.older)
    if args.older is not None and older is None:
        raise UserError(f"--older {args.older}: use how long ago, such as 4h")
    found = Filters(
        states=None if args.state is None else tuple(args.state),
        assignee=actor(args).name if args.mine else args.assignee,
        decision=args.decision,
        verdict=args.judged,
        least_score=args.score,
        least_stake=args.stake,
        rule=args.rule,
        user=args.user,
        country=args.country,
        older_s=None if older is None else older // 1_000,
        overdue=args.overdue,
    )
    return found, args.sort or "risk"


def actor(args: argparse.Namespace) -> Actor:
    """Who acts. Raises `UserError` where the account has no name."""
    if args.by is not None:
        return Actor(args.by, args.role)
    try:
        return Actor(getpass.getuser(), args.role)
    except (KeyError, OSError):  # an account without a name, as containers have
        raise UserError("--by: your account has no name: give one") from None
