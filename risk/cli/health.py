"""`risk health`: whether the live jobs do their work, for a probe."""

from __future__ import annotations

import argparse

import msgspec

from risk.cli.common import say, whole
from risk.ops.readiness import Jobs, Readiness, settled
from risk.ops.settings import in_role, load_settings
from risk.ops.submit import every_kind

WAIT_S = 20
EPILOG = """\
examples:
  risk health
  risk health score --json
  risk health postgres --wait 60
"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `risk health`."""
    parser = subparsers.add_parser(
        "health",
        help="say whether the live jobs do their work",
        description="Whether each live job runs, its store takes what it writes, and its\n"
        "offsets move where records wait. Exit code 0 if all do, else 1.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "jobs", nargs="*", type=_kind, metavar="JOB",
        help=f"some of {', '.join(every_kind())} (default: all)",
    )  # fmt: skip
    parser.add_argument(
        "--wait", type=whole(1, 3_600), default=WAIT_S, metavar="SECONDS",
        help="how long a job may take to commit while records wait (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="as one JSON object")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 if all of them are ready, else 1."""
    found = settled(Jobs(in_role(load_settings(), "reader")), args.jobs, args.wait)
    ready = not any(one.problem for one in found)
    if args.json:
        print(msgspec.json.encode({"ready": ready, "jobs": found}).decode())
    else:
        for one in found:
            say(line(one))
    return 0 if ready else 1


def line(one: Readiness) -> str:
    """One job, in words."""
    waiting = f", {one.waiting:,} records wait" if one.waiting and not one.problem else ""
    return f"{one.job}: {one.problem or 'ready'}{waiting}"


def _kind(text: str) -> str:
    if text not in every_kind():
        raise argparse.ArgumentTypeError(f"{text}: not one of {', '.join(every_kind())}")
    return text
