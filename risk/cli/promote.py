"""`risk promote`: let another ruleset decide."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from risk.cli.common import say
from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from risk.errors import StackError, UserError
from risk.ops.alone import alone
from risk.ops.promote import promote
from risk.ops.rulesets import choose
from risk.ops.settings import home, load_settings
from risk.stack.flink_rest import FlinkUnavailable
from risk.stack.secrets import with_generated


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `risk promote`."""
    text = (
        "stop the live scoring job with a savepoint and go on from it under another ruleset; after "
        "a crash the same command finishes what was begun"
    )
    parser = subparsers.add_parser(
        "promote", help="change the ruleset that decides", description=text
    )
    parser.add_argument("ruleset", help="a ruleset's name, folder, or name:version that ran")
    add_anew(parser)
    parser.set_defaults(run=run)


def add_anew(parser: argparse.ArgumentParser) -> None:
    """Add `--anew`."""
    parser.add_argument(
        "--anew",
        action="store_true",
        help="where it declares features that the running job has no history of: read the topic "
        "from its first record, and decide every payment again",
    )


def run(args: argparse.Namespace) -> int:
    """0 once the job runs under the ruleset, and it is the active one."""
    return change("promote", lambda _: str(args.ruleset), args.anew)


def change(how: str, name: Callable[[Settings], str], anew: bool = False) -> int:
    """Let the ruleset of that name decide. 0; raises `UserError`."""
    settings = load_settings()
    data = home(settings)
    try:
        settings = with_generated(settings, data)
        with alone(settings, how) as lock:
            chosen = choose(settings, data, name(settings), how)
            promote(settings, data, chosen, how, say, lock.check, anew)
    except (FlinkUnavailable, StackError) as error:
        raise UserError(f"{error}: is the stack up? risk up") from None
    except Unavailable as error:
        raise UserError(str(error)) from None
    return 0
