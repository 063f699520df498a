"""`risk promote`: let another ruleset decide; `risk rollback` goes back."""

from __future__ import annotations

import argparse

from cli.common import UserError, load_settings
from cli.promoting import promote
from cli.rulesets import choose, tag
from cli.up import home, say
from risk.delivery import Unavailable
from risk.settings import Settings
from sinks import activations, promotion
from stack.flink_rest import FlinkUnavailable
from stack.process import Home, StackError
from stack.secrets import with_generated


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `risk promote` and `risk rollback`."""
    text = (
        "stop the live scoring job with a savepoint and go on from it under another ruleset; after "
        "a crash the same command finishes what was begun"
    )
    parser = subparsers.add_parser(
        "promote", help="change the ruleset that decides", description=text
    )
    parser.add_argument("ruleset", help="a ruleset's name, folder, or name:version that ran")
    parser.set_defaults(run=run, how="promote")
    text = "the same, to the ruleset that was active before; once more goes further back"
    parser = subparsers.add_parser("rollback", help="go back to the one before", description=text)
    parser.set_defaults(run=run, how="rollback")


def run(args: argparse.Namespace) -> int:
    """0 once the job runs under the ruleset, and it is the active one."""
    settings = load_settings()
    data = home(settings)
    try:
        settings = with_generated(settings, data)
        name = args.ruleset if args.how == "promote" else _before(settings, data)
        promote(settings, data, choose(settings, data, name, args.how), args.how, say)
    except (FlinkUnavailable, StackError) as error:
        raise UserError(f"{error}: is the stack up? risk up") from None
    except Unavailable as error:
        raise UserError(str(error)) from None
    return 0


def _before(settings: Settings, data: Home) -> str:
    """The ruleset to go back to: the one of a rollback under way, else the one before."""
    plan = promotion.under_way(settings)
    if plan is not None and plan.how == "rollback":
        return tag(plan.ruleset, plan.version)
    found = activations.before(settings)
    if found is None:
        raise UserError("no ruleset was active before: there is nothing to go back to")
    return tag(*found)
