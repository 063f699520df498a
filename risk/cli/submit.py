"""`risk submit`: start a job on a fresh TaskManager, so that it runs the code that is submitted."""

from __future__ import annotations

import argparse
import sys

from flink_jobs.settings import read_ruleset
from flink_jobs.start import parse_start
from risk.cli.common import console, say, whole
from risk.config.names import CLI_READER, SCORE
from risk.config.settings import Settings
from risk.errors import StackError, UserError
from risk.kafka.answers import count_partitions
from risk.kafka.ranges import resolve
from risk.ops import jobs, metadata
from risk.ops.alone import alone_if_possible
from risk.ops.live import LiveRequest, note, prepare
from risk.ops.restore import NotRestored, parse, read_before
from risk.ops.settings import home, load_settings
from risk.ops.submit import every_kind, live_jobs, settle_promotion, submit_all
from risk.paths import ROOT
from risk.stack.flink_rest import FlinkRest, FlinkUnavailable
from risk.stack.process import Home
from risk.stack.secrets import with_generated
from sinks import registry

# Handed on to the job's script.
FLAGS = (
    *("ruleset", "shadow", "kind", "placement", "parallelism"),
    *("store", "run_id", "group", "start", "end"),
)


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `risk submit`."""
    text = "submit a job to Flink, and wait until it runs"
    parser = subparsers.add_parser("submit", help="start a job", description=text)
    kinds = parser.add_subparsers(metavar="job", required=True)
    score = kinds.add_parser("score", help="the scoring job")
    score.add_argument("--ruleset", help="name, folder or name:version (default: the active one)")
    score.add_argument("--run-id", help="the name of this run; default: a new one")
    beside = "a second ruleset, scored beside, never alerting"
    score.add_argument("--shadow", help=beside)
    score.add_argument("--kind", choices=("live", "replay"), help="a replay raises no alerts")
    score.add_argument("--placement", choices=("fused", "sharded"), help="default: fused")
    score.add_argument("--parallelism", type=whole(1, 1_024), help="of the sharded placement")
    score.add_argument("--end", help="where to stop: latest, ms UTC, or partition:offset,…")
    score.set_defaults(script="score.py")
    deliver = kinds.add_parser("deliver", help="a delivery job")
    deliver.add_argument("--store", choices=registry.delivery_names(), required=True)
    deliver.set_defaults(script="deliver.py", run_id=None, ruleset=None)
    every = kinds.add_parser("all", help="scoring and all deliveries that don't run, at once")
    every.add_argument("--ruleset", help="the folder of the scoring job's ruleset")
    every.add_argument("--shadow", help=beside)
    every.add_argument(
        "--anew",
        action="store_true",
        help="read everything again instead of going on from the last checkpoints",
    )
    every.add_argument(
        "--from",
        dest="given",
        action="append",
        default=[],
        metavar="JOB=PATH",
        help="the checkpoint or savepoint that a job goes on from, instead of the last one; a job "
        f"is one of {', '.join(every_kind())}",
    )
    every.set_defaults(run=run_all)
    for job in (score, deliver):
        job.add_argument("--group", help="the consumer group; default: the job's own")
        job.add_argument(
            "--start",
            help="group (default: where the group has committed, else earliest), earliest, latest, "
            "ms UTC, or partition:offset,…",
        )
        job.add_argument("--from-savepoint", metavar="PATH", help="go on from a savepoint")
        job.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 once the job runs."""
    settings = load_settings()
    data = home(settings)
    settings = with_generated(settings, data)
    try:
        with alone_if_possible(settings, f"submit {args.script.removesuffix('.py')}"):
            job = _submit(args, settings, data)
    except (StackError, FlinkUnavailable) as error:
        raise UserError(f"{error}: is the stack up? risk up") from None
    console.print(f"job {job} runs: {settings.flink.url}/#/job/running/{job}", soft_wrap=True)
    return 0


def run_all(args: argparse.Namespace) -> int:
    """0 once all jobs run."""
    settings = load_settings()
    data = home(settings)
    try:
        given = parse(args.given, every_kind())
        if args.anew and given:
            raise UserError("--from: with --anew nothing is gone on from: leave one of them out")
        own = with_generated(settings, data)
        with alone_if_possible(own, "submit all"):
            submit_all(own, data, say, args.ruleset, args.anew, args.shadow, given)
    except NotRestored as error:
        raise UserError(
            f"{error}: `risk submit all --anew` reads everything again instead"
        ) from None
    return 0


def _submit(args: argparse.Namespace, settings: Settings, data: Home) -> str:
    """The job's id, once it runs."""
    options = ["--fromSavepoint", args.from_savepoint] if args.from_savepoint else []
    _check(args, settings)
    live = None
    if args.script == "score.py" and args.kind != "replay":
        settle_promotion(settings, say)
        if other := live_jobs(settings).get(SCORE):
            words = f"{other.name} ({other.id}) runs already: one is enough for a topic"
            print(f"risk: {words}", file=sys.stderr)
        goes_on = bool(args.from_savepoint)
        last = metadata.last_live(settings) if goes_on else None
        request = LiveRequest(
            args.ruleset,
            args.shadow,
            args.run_id,
            args.group,
            args.start,
            goes_on,
            last.history_since if last else None,
        )
        live = prepare(settings, data, say, request)
        if not args.from_savepoint and not args.start:
            _check_first(settings, live.group)
    arguments = list(live.arguments) if live else []
    for flag in FLAGS:
        value = getattr(args, flag, None)
        if value and not (live and flag in ("ruleset", "shadow", "run_id")):
            arguments += [f"--{flag.replace('_', '-')}", str(value)]
    parallelism = getattr(args, "parallelism", None) or 1
    jobs.fresh_slots(settings, data, parallelism)
    job = jobs.submit(settings, data, args.script, arguments, options)
    jobs.wait_running(settings, job)
    if live:
        note(settings, live, job, say, args.placement or "fused", parallelism)
    return job


def _check(args: argparse.Namespace, settings: Settings) -> None:
    """See whether the job's script would refuse it, before anything is started for it."""
    FlinkRest(settings.flink.url).overview()
    for flag in ("ruleset", "shadow"):
        if (folder := getattr(args, flag, None)) and "/" in folder:
            read_ruleset(ROOT / folder, f"--{flag}")
    start = args.start or "group"
    if args.script == "score.py":
        resolve(settings.kafka, settings.topics.transactions, CLI_READER, start, args.end)
    else:
        parse_start(start)
        for topic in registry.delivery(args.store).read_from(settings.topics):
            count_partitions(settings.kafka, topic)


def _check_first(settings: Settings, group: str) -> None:
    """Refuse to go on, without state, where another job has come to, unless told."""
    if done := read_before(settings, group):
        raise UserError(
            f"{done}, and what that job has learned would be missing: `risk submit all` goes on "
            "from its last checkpoint, --from-savepoint PATH from another, --start earliest reads "
            "everything again, --start group goes on without"
        )
