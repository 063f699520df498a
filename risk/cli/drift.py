"""`risk drift`: whether features, scores and decisions are still distributed as they were."""

from __future__ import annotations

import argparse
import sys
import time

import msgspec

from risk.cli.drift_periods import Asked, asked
from risk.cli.drift_progress import Progress
from risk.cli.drift_show import show
from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from risk.errors import StackError, UserError
from risk.ops.rulesets import Chosen, choose, tag
from risk.ops.settings import home, load_settings
from risk.registry import activations
from risk.stack.process import Home
from risk.stack.secrets import with_generated
from risk.verify.drift.build import Empty, build
from risk.verify.drift.compare import NEUTRAL
from risk.verify.drift.periods import Period, settled
from risk.verify.drift.report import Report
from risk.verify.drift.sources import MOST, Stored

LEAST_OF_PART = 2_000  # payments that are sampled of a day or an hour, if it has as many

EPILOG = """\
examples:
  risk drift
  risk drift --last 6h --by hour
  risk drift --from 2026-03-01 --to 2026-03-07 --reference 2026-02-01 2026-02-28
  risk drift --ruleset strict --fail     # for cron: exits with 1 if it is much
"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `risk drift`."""
    parser = subparsers.add_parser(
        "drift",
        help="compare features, scores and decisions with earlier ones",
        description="Compare the features, scores and decisions of a time with those before it,\n"
        "from samples of what Postgres holds. Times are those of the payments, UTC.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--reference", nargs=2, metavar=("FROM", "TO"), help="default: the 7 days before"
    )
    parser.add_argument("--from", dest="begin", metavar="TIME", help="as 2026-03-01T12:00, or ms")
    parser.add_argument("--to", dest="end", metavar="TIME", help="default: what has settled")
    parser.add_argument(
        "--last", metavar="LENGTH", help="instead of --from: 30m, 24h (default), 7d"
    )
    parser.add_argument("--by", choices=("day", "hour"), help="tell its days or hours apart, too")
    parser.add_argument(
        "--ruleset", metavar="NAME", help="all that it decided live; NAME:VERSION: that version"
    )
    parser.add_argument("--fail", action="store_true", help="exit with 1 if the drift is much")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0; with --fail 1 if a feature, the score or the decisions have moved much."""
    settings = load_settings()
    now = time.time_ns() // 1_000_000
    times = asked(args, settled(now, settings.scoring))
    data = home(settings)
    try:
        settings = with_generated(settings, data, "reader")
        chosen, version = _chosen(settings, data, args.ruleset)
        with Progress() as progress:
            report = _build(settings, chosen, version, times, now, progress)
    except StackError as error:
        raise UserError(str(error)) from None
    except Unavailable as error:
        raise UserError(_away(str(error))) from None
    if args.json:
        sys.stdout.write(msgspec.json.encode(report).decode() + "\n")
    else:
        show(report)
    return 1 if args.fail and report.level == "much" else 0


def _build(
    settings: Settings,
    chosen: Chosen,
    version: int | None,
    times: Asked,
    now: int,
    progress: Progress,
) -> Report:
    name = chosen.ruleset.name
    shown = name if version is None else tag(name, version)
    age = now - max(times.current.end, times.reference.end)

    def stored(period: Period, most: int = MOST, age_ms: int | None = age) -> Stored:
        return Stored(settings, name, version, period, most, age_ms)

    own = {one.name: one.neutral for one in chosen.ruleset.features}
    most = max(LEAST_OF_PART, MOST // max(1, len(times.parts)))
    try:
        return build(
            shown,
            stored(times.reference),
            stored(times.current),
            {**NEUTRAL, **own},
            age,
            [stored(period, most, None) for period in times.parts],
            progress.say,
        )
    except Empty as error:
        flag = "--reference" if error.which == "reference" else "--from, --to, --last"
        raise UserError(
            f"{flag}: {shown} has decided nothing in that time: name another; "
            "`risk runs` shows when it ran"
        ) from None


def _chosen(settings: Settings, data: Home, text: str | None) -> tuple[Chosen, int | None]:
    """The ruleset, and its version if one was named; without a name the active one."""
    if text is not None:
        chosen = choose(settings, data, text)
        return chosen, chosen.ruleset.version if text == chosen.tag else None
    found = activations.active(settings)
    if found is None:
        raise UserError("--ruleset: none has been active yet: name one, or `risk submit all`")
    return choose(settings, data, tag(*found)), None


def _away(said: str) -> str:
    if "statement timeout" in said:
        return f"{said}: there is too much to read: ask for a shorter time, or --reference"
    return said if "risk migrate" in said else f"{said}: is it up? see `risk status`"
