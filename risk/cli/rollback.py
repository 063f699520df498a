"""`risk rollback`: let the ruleset decide that did before."""

from __future__ import annotations

import argparse

from risk.cli.promote import add_history, change
from risk.config.settings import Settings
from risk.errors import UserError
from risk.ops.promote import History
from risk.ops.rulesets import tag
from risk.registry import activations, promotion


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `risk rollback`."""
    text = (
        "as promote, to the ruleset that was active before; once more goes further back; after a "
        "crash the same command finishes what was begun"
    )
    parser = subparsers.add_parser("rollback", help="go back to the one before", description=text)
    add_history(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 once the job runs under the ruleset, and it is the active one."""
    return change("rollback", _before, History(args.bootstrap, args.anew))


def _before(settings: Settings) -> str:
    """The ruleset to go back to: the one of a rollback under way, else the one before."""
    plan = promotion.under_way(settings)
    if plan is not None and plan.how == "rollback":
        return tag(plan.ruleset, plan.version)
    found = activations.before(settings)
    if found is None:
        raise UserError("no ruleset was active before: there is nothing to go back to")
    return tag(*found)
