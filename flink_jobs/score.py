"""The scoring job: risk.transactions in; risk.scores, risk.alerts, risk.late and risk.dlq out.

    flink run -d -py flink_jobs/score.py -pyfs build/risk-code.zip --ruleset rules/default

The Kafka edges are SQL, the core is one keyed operator on the DataStream, or three.
"""

from __future__ import annotations

import argparse
import sys
import uuid
from collections.abc import Sequence
from pathlib import Path

from flink_jobs import edges, placement, results
from flink_jobs.client import submits
from flink_jobs.job import environments
from flink_jobs.messages import RunRulesets
from flink_jobs.plan import Files, ScoringPlan
from flink_jobs.savepoint import found_in_savepoint, layout
from flink_jobs.settings import read_ruleset, read_settings
from flink_jobs.spread import shard_keys
from flink_jobs.start import add_arguments
from flink_jobs.version import CODE_VERSION
from risk.config import names
from risk.config.settings import Settings, without_secrets
from risk.engine.payment.transaction import MAX_EVENT_TIME
from risk.engine.rules.ruleset import contract_of
from risk.engine.since import History
from risk.engine.stages.emission import Emission
from risk.errors import UserError
from risk.kafka.ranges import Range, resolve


@submits
def main(argv: Sequence[str] | None = None) -> None:
    """Build the job and submit it."""
    args = _arguments(argv)
    settings = read_settings(names.SCORE)
    shards = _shards(args, settings)
    files, ruleset = read_ruleset(Path(args.ruleset))
    shadow = read_ruleset(Path(args.shadow), "--shadow") if args.shadow else None
    if shadow and (shadow[1].name, shadow[1].version) == (ruleset.name, ruleset.version):
        raise UserError(f"--shadow: {args.shadow} is the ruleset that decides: name another one")
    try:
        contract = contract_of(ruleset, shadow[1] if shadow else None)
    except ValueError as error:
        raise UserError(f"--shadow: {error}") from None
    topics = settings.topics
    run_id, replays = _run_id(args), args.kind == "replay"
    group = args.group or (run_id if replays else names.scoring_group(ruleset.name))
    kafka, topic = settings.kafka, topics.transactions
    span = resolve(kafka, topic, group, args.start, args.end, args.read_to)
    for line in span.warnings:
        print(f"risk: {line}", file=sys.stderr)
    # A replay of a part of the stream reads all of it, so that its scores are those of a replay of
    # all: they have the whole history, and the stragglers that come behind the part.
    starts, ends = (span.low, span.end and span.high) if replays else (span.start, span.end)
    own = RunRulesets(ruleset, args.kind, shadow[1] if shadow else None)
    environment, tables = environments(args.parallelism)
    environment.get_config().set_global_job_parameters({names.GROUP_PARAMETER: group})
    plan = ScoringPlan(
        run_id=run_id,
        kind=args.kind,
        code_version=CODE_VERSION,
        emission=Emission(
            run_id if replays else own.label, replays, run_id if args.standby else ""
        ),
        ruleset_files=files,
        shadow_files=shadow[0] if shadow else None,
        earlier=tuple(map(_earlier, args.earlier)),
        settings=without_secrets(settings),
        keys=tuple(shard_keys(shards)),
        starts=starts,
        ends=ends,
        emitted=_emitted(span) if replays else None,
        scores_only=args.scores_only,
        contract=contract,
        agrees=not replays and args.placement == "fused",
        history=History(args.history_since, settings.scoring.feedback_memory_ms),
    )
    start = edges.Start.at(starts)
    topic, batch_ms = topics.transactions, settings.scoring.batch_ms
    tables.execute_sql(
        edges.source(
            "transactions", settings, topic, group, start, watermark=True, batch_ms=batch_ms
        )
    )
    tables.execute_sql(
        results.json_sink("results", settings, f"{topics.scores};{topics.alerts};{topics.late}")
    )
    tables.execute_sql(results.dlq_sink("dead_letters", settings))
    lines = edges.lines("transactions", kafka.max_payment_bytes, plan.keys)
    tables.create_temporary_view("lines", tables.sql_query(lines))
    if args.placement == "sharded":
        tables.create_temporary_view("woken", tables.sql_query(edges.woken("lines", plan.keys)))
    batches = edges.batches("woken" if args.placement == "sharded" else "lines", batch_ms)
    place = placement.fused if args.placement == "fused" else placement.sharded
    state = layout(environment, args.placement, shards)
    # Under the uid of what it goes on from: Flink derives the uids of the sinks from it.
    state = found_in_savepoint(environment, state) or state
    outputs = place(tables, tables.sql_query(batches), plan, state)

    statements = tables.create_statement_set()
    statements.add_insert("results", tables.sql_query(results.json_records(outputs)))
    statements.add_insert("dead_letters", tables.sql_query(results.dlq_records(outputs)))
    statements.attach_as_datastream()
    environment.execute(names.scoring_job(ruleset.name, ruleset.version, plan.run_id, CODE_VERSION))


def _shards(args: argparse.Namespace, settings: Settings) -> int:
    """How many shards each stage has. Ends the submission where that and the flags don't agree."""
    if args.parallelism < 1:
        raise UserError("--parallelism: a whole number from 1")
    if args.placement == "fused":
        if args.parallelism > 1:
            raise UserError(
                "--parallelism: the fused placement has one shard: use --placement sharded"
            )
        return 1
    shards = settings.scoring.shards
    if args.parallelism > shards:
        raise UserError(
            f"--parallelism {args.parallelism}: there are {shards} shards (scoring.shards): "
            "use at most so many"
        )
    return shards


def _run_id(args: argparse.Namespace) -> str:
    """The run's name: a replay's shows that it is one."""
    mark = uuid.uuid4().hex[:8]
    if args.kind == "replay":
        return names.replay_run(args.run_id or mark)
    named: str = args.run_id or names.live_run(mark)
    if names.is_replay(named):
        raise UserError(f"--run-id {named}: a live run's name doesn't begin with replay-")
    return named


def _emitted(span: Range) -> dict[int, tuple[int, int]]:
    """The part of the stream that is scored: first offset, and the one after the last."""
    return {p: (first, span.end[p] if span.end else 2**63) for p, first in span.start.items()}


def _earlier(folders: str) -> tuple[Files, Files | None]:
    """The rulesets in FOLDER or FOLDER,SHADOW."""
    ruleset, _, shadow = folders.partition(",")
    files, _ = read_ruleset(Path(ruleset), "--earlier")
    return files, read_ruleset(Path(shadow), "--earlier")[0] if shadow else None


def _moment(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or int(text) > MAX_EVENT_TIME:
        raise argparse.ArgumentTypeError(f"{text}: a time in ms UTC, such as 1772323200000")
    return int(text)


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="score.py", description="Submit the scoring job.")
    parser.add_argument("--ruleset", default="rules/default", help="the ruleset's folder")
    parser.add_argument("--shadow", help="a second ruleset's folder, scored beside, never alerting")
    parser.add_argument("--run-id", help="the name of this run; default: a new one")
    parser.add_argument("--kind", choices=("live", "replay"), default="live")
    parser.add_argument("--placement", choices=("fused", "sharded"), default="fused")
    parser.add_argument("--parallelism", type=int, default=1, help="of the sharded placement")
    parser.add_argument(
        "--standby",
        action="store_true",
        help="begin without a word beside the run that decides, as risk.control says",
    )
    parser.add_argument("--end", help="where to stop: latest, a time in ms UTC, or offsets")
    parser.add_argument(
        "--read-to",
        default="latest",
        help="up to where a replay with an end reads, also behind it (default: %(default)s)",
    )
    parser.add_argument(
        "--scores-only", action="store_true", help="say nothing of late events and dead letters"
    )
    parser.add_argument(
        "--earlier",
        action="append",
        default=[],
        metavar="FOLDER[,SHADOW]",
        help="the rulesets of the run whose savepoint it goes on from: what was emitted under them "
        "is corrected under them",
    )
    parser.add_argument(
        "--history-since",
        type=_moment,
        metavar="MS",
        help="all payments of that event time, ms UTC, and later are read: scores say which "
        "features look further back (default: it knows all that there ever were)",
    )
    add_arguments(parser)
    return parser.parse_args(argv)


if __name__ == "__main__":
    main()
