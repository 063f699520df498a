"""The scoring job: risk.transactions in; risk.scores, risk.alerts, risk.late and risk.dlq out.

    flink run -d -py flink_jobs/score.py -pyfs build/risk-code.zip --ruleset rules/default

The Kafka edges are SQL, the core is one keyed operator on the DataStream.
"""

from __future__ import annotations

import argparse
import uuid
from collections.abc import Sequence
from pathlib import Path

from pyflink.common import Types

from flink_jobs import edges
from flink_jobs.job import environments
from flink_jobs.kafka import count_partitions
from flink_jobs.operators.score import OUTPUT, ScoringOperator, ScoringPlan
from flink_jobs.settings import read_ruleset, read_settings
from flink_jobs.start import add_arguments, parse_start
from flink_jobs.version import CODE_VERSION


def main(argv: Sequence[str] | None = None) -> None:
    """Build the job and submit it."""
    args = _arguments(argv)
    settings = read_settings()
    files, ruleset = read_ruleset(Path(args.ruleset))
    topics = settings.topics
    plan = ScoringPlan(
        args.run_id or f"live-{uuid.uuid4().hex[:8]}",
        CODE_VERSION,
        files,
        count_partitions(settings.kafka, topics.transactions),
        settings.scoring,
        topics,
    )
    environment, tables = environments()
    group = args.group or f"risk-score-{ruleset.name}"
    start = parse_start(args.start)
    tables.execute_sql(
        edges.source("transactions", settings, topics.transactions, group, start, watermark=True)
    )
    tables.execute_sql(
        edges.json_sink("results", settings, f"{topics.scores};{topics.alerts};{topics.late}")
    )
    tables.execute_sql(edges.dlq_sink("dead_letters", settings))

    tables.create_temporary_view(
        "lines", tables.sql_query(edges.lines("transactions", settings.scoring.shards))
    )
    batches = tables.sql_query(edges.batches("lines", settings.scoring.batch_ms))
    outputs = (
        tables.to_data_stream(batches)
        .key_by(lambda row: row[0], key_type=Types.INT())
        .process(ScoringOperator(plan), output_type=OUTPUT)
        .uid("scoring")
        .name("scoring")
    )
    tables.create_temporary_view("outputs", tables.from_data_stream(outputs))

    statements = tables.create_statement_set()
    statements.add_insert("results", tables.sql_query(edges.json_records("outputs")))
    statements.add_insert("dead_letters", tables.sql_query(edges.dlq_records("outputs")))
    statements.attach_as_datastream()
    environment.execute(f"score {ruleset.name} v{ruleset.version} {plan.run_id} {CODE_VERSION}")


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="score.py", description="Submit the scoring job.")
    parser.add_argument("--ruleset", default="rules/default", help="the ruleset's folder")
    parser.add_argument("--run-id", help="the name of this run; default: a new one")
    add_arguments(parser)
    return parser.parse_args(argv)


if __name__ == "__main__":
    main()
