"""`risk replay`: score a part of the stream once more, beside the live job, under any ruleset."""

from __future__ import annotations

import argparse
import sys

import msgspec
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from risk.cli.common import console, say, whole
from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from risk.errors import StackError, UserError
from risk.ops import jobs, metadata
from risk.ops.alone import alone
from risk.ops.replay import Progress as Reached
from risk.ops.replay import ReplayRequest, begin, forgotten, wait, wait_delivered
from risk.ops.rulesets import choose, tag
from risk.ops.settings import home, load_settings
from risk.registry import runs
from risk.registry.runs import Run
from risk.stack.flink_rest import FlinkUnavailable
from risk.stack.secrets import with_generated


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `risk replay`."""
    text = (
        "score a part of risk.transactions under a ruleset, beside the live job. All of the topic "
        "is read, so each score has its whole history and is settled; only what is between --from "
        "and --to is scored. Nothing that is live is touched: no alert, no row, nothing in Redis"
    )
    parser = subparsers.add_parser("replay", help="score a part once more", description=text)
    parser.add_argument("--ruleset", help="a ruleset's name, folder, or name:version that ran")
    parser.add_argument(
        "--from",
        dest="begin",
        default="earliest",
        help="earliest (default), when records came as ISO 8601 or ms UTC, or partition:offset,…",
    )
    parser.add_argument("--to", dest="end", default="latest", help="latest (default), or the same")
    parser.add_argument("--follow", action="store_true", help="go on with what comes; has no end")
    parser.add_argument("--run-id", help="replay- and a name; default: a new one")
    parser.add_argument("--placement", choices=("fused", "sharded"), default="fused")
    parser.add_argument("--parallelism", type=whole(1, 1_024), default=1, help="if sharded")
    parser.add_argument("--stop", metavar="RUN", help="instead: end a replay that follows")
    parser.add_argument("--json", action="store_true", help="print the run's metadata at the end")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 once the replay has ended and is delivered; with --follow once it runs."""
    if args.json:
        console.stderr = True  # words go there, so that the output is the object alone
    settings = load_settings()
    data = home(settings)
    settings = with_generated(settings, data)
    try:
        found = _stop(settings, args.stop) if args.stop else _replay(settings, args)
    except (FlinkUnavailable, StackError) as error:
        raise UserError(f"{error}: is the stack up? risk up") from None
    except Unavailable as error:
        raise UserError(str(error)) from None
    if args.json:
        sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
    return 0


def _replay(settings: Settings, args: argparse.Namespace) -> Run:
    if not args.ruleset:
        raise UserError("--ruleset: name the ruleset to score under")
    if args.follow and args.end != "latest":
        raise UserError("--to: a replay that follows has no end: leave one of them out")
    chosen = choose(settings, home(settings), args.ruleset)
    request = ReplayRequest(
        args.begin, args.end, args.follow, args.run_id, args.placement, args.parallelism
    )
    with alone(settings, "replay"):
        if gap := forgotten(settings):
            say(gap)
        started = begin(settings, home(settings), chosen, request)
    where = f"{settings.flink.url}/#/job/running/{started.job_id}"
    say(f"{started.run_id} runs under {chosen.tag}: {where}")
    if args.follow:
        say(f"it goes on until `risk replay --stop {started.run_id}`")
        return started
    try:
        ended = _watched(settings, started, args.json)
    except KeyboardInterrupt:
        say(f"{started.run_id} goes on: `risk runs` shows it, and notes its end")
        raise
    _tell(ended)
    for store in wait_delivered(settings):
        say(f"delivery to {store} doesn't run: it has the scores once it does")
    return ended


def _watched(settings: Settings, started: Run, quiet: bool) -> Run:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[said]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=quiet) as bar:
        task = bar.add_task("records read", total=None, said="")

        def tell(reached: Reached) -> None:
            rate = reached.read / max(reached.seconds, 0.001)
            said = (
                f"{reached.read:,} of {reached.total:,}, {rate:,.0f}/s, {reached.scored:,} judged"
            )
            bar.update(task, completed=reached.read, total=reached.total, said=said)

        return wait(settings, started, tell)


def _tell(ended: Run) -> None:
    counts = ended.counts
    wanted = sum(ended.offsets_to.values()) - sum(ended.offsets_from.values())
    parts = ", ".join(
        f"{counts.get(k, 0):,} {k}" for k in ("scored", "duplicate", "late", "rejected")
    )
    say(f"{ended.run_id} has finished: {wanted:,} records: {parts}")
    if counts.get("consumed") != wanted:
        say("the job was restarted on the way, where counting began anew; its scores are complete")
    say(f"compare: risk diff NAME {tag(ended.ruleset, ended.ruleset_version)}")


def _stop(settings: Settings, run_id: str) -> Run:
    found = runs.get(settings, run_id)
    if found is None or found.kind != "replay":
        raise UserError(f"--stop {run_id}: no replay is called so: see `risk runs`")
    if found.state == "running":
        metadata.refresh(settings)
        found = runs.get(settings, run_id) or found
    if found.state == "running":
        if not found.job_id:
            raise UserError(
                f"--stop {run_id}: it is being submitted, or that was given up: try again in 6 min"
            )
        jobs.stop_with_savepoint(settings, found.job_id)
        metadata.close(settings, found, "stopped")
    return runs.get(settings, run_id) or found
