"""`risk promote`: let another ruleset decide."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from typing import Final

from risk.cli.common import say
from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from risk.errors import StackError, UserError
from risk.ops.alone import alone
from risk.ops.promote import History, promote
from risk.ops.rulesets import choose
from risk.ops.settings import home, load_settings
from risk.stack.flink_rest import FlinkUnavailable
from risk.stack.secrets import with_generated

# What `--bootstrap` takes, and the units in ms.
SPAN: Final = re.compile(r"([1-9][0-9]{0,4})([dhm])")
UNITS: Final = {"d": 86_400_000, "h": 3_600_000, "m": 60_000}


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `risk promote`."""
    text = (
        "start a scoring job under another ruleset beside the one that decides, and let it take "
        "over once it has caught up; after a crash the same command finishes what was begun"
    )
    parser = subparsers.add_parser(
        "promote", help="change the ruleset that decides", description=text
    )
    parser.add_argument("ruleset", help="a ruleset's name, folder, or name:version that ran")
    add_history(parser)
    parser.set_defaults(run=run)


def add_history(parser: argparse.ArgumentParser) -> None:
    """Add `--bootstrap` and `--anew`."""
    parser.add_argument(
        "--bootstrap",
        type=_span,
        metavar="SPAN",
        help="where it declares features that the running job has no history of: first read what "
        "Kafka still holds of so long, as 7d, 12h or 30m",
    )
    parser.add_argument(
        "--anew",
        action="store_true",
        help="the same in the sharded placement: read the topic from its first record, and decide "
        "every payment again",
    )


def _span(text: str) -> int:
    """A time of so many days, hours or minutes, in ms."""
    found = SPAN.fullmatch(text)
    if not found:
        raise argparse.ArgumentTypeError(f"{text}: a whole number of d, h or m, as 7d")
    return int(found[1]) * UNITS[found[2]]


def run(args: argparse.Namespace) -> int:
    """0 once the job runs under the ruleset, and it is the active one."""
    return change("promote", lambda _: str(args.ruleset), History(args.bootstrap, args.anew))


def change(how: str, name: Callable[[Settings], str], read: History) -> int:
    """Let the ruleset of that name decide. 0; raises `UserError`."""
    settings = load_settings()
    data = home(settings)
    try:
        settings = with_generated(settings, data)
        with alone(settings, how) as lock:
            chosen = choose(settings, data, name(settings), how)
            promote(settings, data, chosen, how, say, lock.check, read)
    except (FlinkUnavailable, StackError) as error:
        raise UserError(f"{error}: is the stack up? risk up") from None
    except Unavailable as error:
        raise UserError(str(error)) from None
    return 0
