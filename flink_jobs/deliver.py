"""A delivery job: risk.scores in, one store written; what the store refuses to risk.dlq.

    flink run -d -py flink_jobs/deliver.py -pyfs build/risk-code.zip --store postgres

One job a store, each with its own consumer group, so that a store that is down stalls no other.
Feedback has a job as well, from risk.feedback.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from flink_jobs import edges, results
from flink_jobs.client import submits
from flink_jobs.job import environments
from flink_jobs.operators.deliver import OUTPUT, DeliveryOperator, DeliveryPlan
from flink_jobs.settings import read_settings
from flink_jobs.start import add_arguments, parse_start
from flink_jobs.version import CODE_VERSION
from risk.config import names
from risk.config.settings import without_secrets
from sinks import registry

MOST_BYTES = 524_288  # of a message that is taken to the store: a score has some 2,000


@submits
def main(argv: Sequence[str] | None = None) -> None:
    """Build the job and submit it."""
    args = _arguments(argv)
    settings = read_settings(args.store)
    plan = DeliveryPlan(args.store, CODE_VERSION, without_secrets(settings))
    delivery = registry.delivery(args.store)
    topics = ";".join(delivery.read_from(settings.topics))
    environment, tables = environments()
    group = args.group or names.delivery_group(args.store)
    start = parse_start(args.start)
    batch_ms = max(settings.delivery.batch_ms, delivery.gathers_ms)
    tables.execute_sql(
        edges.source("messages", settings, topics, group, start, watermark=False, batch_ms=batch_ms)
    )
    tables.execute_sql(results.dlq_sink("dead_letters", settings))
    lines = edges.lines("messages", MOST_BYTES, sourced=True)
    tables.create_temporary_view("lines", tables.sql_query(lines))
    batches = tables.sql_query(edges.batches("lines", batch_ms))
    outputs = (
        tables.to_data_stream(batches)
        .process(DeliveryOperator(plan), output_type=OUTPUT)
        .uid("delivery")
        .name(names.delivery_operator(args.store))
    )
    tables.create_temporary_view("outputs", tables.from_data_stream(outputs))
    statements = tables.create_statement_set()
    statements.add_insert("dead_letters", tables.sql_query(results.dlq_records("outputs")))
    statements.attach_as_datastream()
    environment.execute(names.delivery_job(args.store, CODE_VERSION))


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="deliver.py", description="Submit a delivery job.")
    parser.add_argument("--store", choices=sorted(registry.delivery_names()), required=True)
    add_arguments(parser)
    return parser.parse_args(argv)


if __name__ == "__main__":
    main()
