"""The stages as one operator, or as three and more with a batched exchange between them.

Both take batches of raw records, a row (shard, batch) each, and end in a view `outputs` of rows
(kind, shard, lines) for the Kafka edges. The stages don't know which it is.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from pyflink.table import Schema, StreamTableEnvironment, Table

from flink_jobs import edges
from flink_jobs.keyed import keyed_by_shard
from flink_jobs.lines import JSON_RECORD
from flink_jobs.operators.device import DeviceOperator
from flink_jobs.operators.ip import IpOperator
from flink_jobs.operators.key import KeyOperator
from flink_jobs.operators.score import ScoringOperator
from flink_jobs.operators.shard import OUTPUT, ShardOperator
from flink_jobs.operators.user import UserOperator
from flink_jobs.plan import ScoringPlan
from flink_jobs.savepoint import Layout


class Named(NamedTuple):
    """An operator, by the name of its views and by its own, which is part of its uid."""

    view: str
    name: str
    operator: ShardOperator[Any, Any, Any]


def fused(
    tables: StreamTableEnvironment,
    batches: Table,
    plan: ScoringPlan,
    state: Layout,
) -> str:
    """One operator, one shard. The name of the view of its outputs."""
    stream = keyed_by_shard(tables, batches).process(ScoringOperator(plan), output_type=OUTPUT)
    # What makes records of the lines and sends them has a thread of its own: this one is the limit.
    outputs = stream.uid(state.uid).name("scoring").disable_chaining()
    tables.create_temporary_view("outputs", tables.from_data_stream(outputs))
    return "outputs"


def sharded(
    tables: StreamTableEnvironment,
    batches: Table,
    plan: ScoringPlan,
    state: Layout,
) -> str:
    """user → ip → each declared key → device, each with its own shards. The name of the view of all
    outputs.
    """
    batch_ms = plan.settings.scoring.exchange_ms
    arrival = (
        Schema.new_builder()
        .column("kind", "STRING")
        .column("shard", "INT")
        .column("lines", "BYTES")
        .column_by_expression("arrival", "PROCTIME()")
        .build()
    )
    keys = plan.features().keys
    operators: tuple[Named, ...] = (
        Named("user", "user", UserOperator(plan)),
        Named("ip", "ip", IpOperator(plan)),
        *(
            Named(f"key{number}", code.stage, KeyOperator(plan, number))
            for number, code in enumerate(keys)
        ),
        Named("device", "device", DeviceOperator(plan)),
    )
    for view, name, operator in operators:
        stream = keyed_by_shard(tables, batches).process(operator, output_type=OUTPUT)
        outputs = stream.uid(f"{state.uid}/{name}").name(name)
        tables.create_temporary_view(f"{view}_out", tables.from_data_stream(outputs, arrival))
        if name != "device":
            tables.create_temporary_view(
                f"{view}_parcels", tables.sql_query(edges.parcels(f"{view}_out"))
            )
            batches = tables.sql_query(edges.batches(f"{view}_parcels", batch_ms, JSON_RECORD))
    both = "SELECT kind, lines FROM user_out UNION ALL SELECT kind, lines FROM device_out"
    tables.create_temporary_view("outputs", tables.sql_query(both))
    return "outputs"
