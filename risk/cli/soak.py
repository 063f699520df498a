"""`risk soak`: hours of traffic, or too much of it, and whether everything stays where it is."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from risk.cli.common import console, note, number, say, whole
from risk.errors import StackError, UserError
from risk.ops import files
from risk.ops.settings import load_settings
from risk.paths import ROOT
from risk.stack.flink_rest import FlinkUnavailable

if TYPE_CHECKING:
    from risk.verify.soak.perform import Order
    from risk.verify.soak.sampler import Sample

# As risk.verify.soak.load has them, which is slow to load.
KINDS: Final = ("steady", "overload", "new-keys", "one-user")
TOLD_S: Final = 15.0  # between two lines of progress


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `risk soak`."""
    text = (
        "traffic on a stack of its own, with all jobs; memory, handles, threads, state, "
        "checkpoints and lag are sampled: steady traffic has to leave them flat, any other "
        "bounded, and nothing may be lost"
    )
    parser = subparsers.add_parser(
        "soak", help="hours of traffic, or too much: what stays flat, or bounded", description=text
    )
    parser.add_argument(
        "--minutes", type=number(0.1, 10_080), help="60; of an overload 2, of new keys 10"
    )
    parser.add_argument(
        "--traffic",
        choices=KINDS,
        default="steady",
        help="overload: five times what the engine sustains; new-keys: a user, device, address, "
        "card and merchant of its own for each payment (default: %(default)s)",
    )
    parser.add_argument(
        "--rate",
        type=number(1, 100_000),
        help="events/s (50, of new keys 200; an overload's is measured first)",
    )
    parser.add_argument(
        "--payments",
        type=whole(1, 100_000_000),
        metavar="N",
        help="of one-user, as fast as the broker takes them (1,000,000)",
    )
    parser.add_argument(
        "--seed", type=whole(0, 2**63 - 1), default=1, metavar="N", help="of the traffic (1)"
    )
    parser.add_argument("--here", action="store_true", help="on the servers and jobs that run")
    parser.add_argument(
        "--wait",
        type=number(0, 86_400),
        default=1_800.0,
        metavar="SECONDS",
        help="how long the jobs may take to catch up at the end (default: %(default)g)",
    )
    parser.add_argument("--json", action="store_true", help="print the report as one JSON object")
    parser.add_argument(
        "--report",
        type=Path,
        metavar="FILE",
        help="default: build/soak-<traffic>-<seed>.json; the plot is beside it, as .html",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0: all is flat, or bounded, and nothing was lost; 1: each breach in a line."""
    settings = load_settings()
    if settings.kafka.bootstrap:
        raise UserError("kafka.bootstrap: a soak is for the embedded servers: leave it out")
    order = order_of(args)
    plot = order.report.with_suffix(".html")
    for path in (order.report, plot):
        files.make("--report", path)
    # What is told to end still stops the servers that it has started.
    signal.signal(signal.SIGTERM, _interrupt)
    # Late, because the stores' clients are slow to load.
    from risk.cli.soak_page.page import page
    from risk.cli.soak_show import show
    from risk.verify.soak.perform import perform

    try:
        report = perform(settings, order, note, _told())
    except (StackError, FlinkUnavailable) as error:
        raise UserError(f"{error}: see `risk status`") from None
    files.replace(plot, page(report).encode())
    if args.json:
        sys.stdout.write(msgspec.json.encode(report).decode() + "\n")
    else:
        show(console, report)
        say(f"the report: {order.report}")
        say(f"the plot: {plot}")
    return 0 if report.sound else 1


def order_of(args: argparse.Namespace) -> Order:
    """What the arguments ask for. Raises `UserError` for those that don't go together."""
    from risk.verify.soak.load import MINUTES, PAYMENTS
    from risk.verify.soak.perform import Order

    one_user = args.traffic == "one-user"
    if one_user and args.minutes is not None:
        raise UserError("--minutes: one user's payments go as fast as they can: say --payments")
    if one_user and args.here:
        raise UserError("--here: one user's payments are counted in topics of their own")
    if not one_user and args.payments is not None:
        raise UserError(f"--payments: {args.traffic} goes on for so long: say --minutes")
    report = args.report or ROOT / "build" / f"soak-{args.traffic}-{args.seed}.json"
    if report.suffix == ".html":
        raise UserError(f"--report {report}: the plot gets this name: name another file")
    return Order(
        kind=args.traffic,
        minutes=MINUTES.get(args.traffic, 0.0) if args.minutes is None else args.minutes,
        payments=PAYMENTS if args.payments is None else args.payments,
        rate=args.rate,
        seed=args.seed,
        here=args.here,
        wait_s=args.wait,
        report=report,
    )


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def _told() -> Callable[[Sample, float], None]:
    """Tells a sample now and then."""
    last = -TOLD_S

    def tell(sample: Sample, seconds: float) -> None:
        nonlocal last
        if sample.at_s - last >= TOLD_S:
            last = sample.at_s
            note(line(sample, seconds))

    return tell


def line(sample: Sample, seconds: float) -> str:
    """A sample in one line. The traffic takes so many `seconds`."""
    memory = sum(usage.memory for usage in sample.processes.values())
    behind = max((usage.lag or 0 for usage in sample.jobs.values()), default=0)
    state = sum(usage.state or 0.0 for usage in sample.jobs.values())
    return (
        f"{sample.at_s:,.0f} s of {seconds:,.0f}: memory {memory:,.0f} MiB, "
        f"state {state:,.0f} MiB, lag {behind:,}"
    )
