"""The baseline: the same features and rules in PyFlink the usual way.

    flink run -d -py bench/baseline_plain.py -pyfs build/risk-code.zip --ruleset rules/default

Keyed ProcessFunctions for user, ip and device in thread mode, each with one read and one write of
its key's state per event; RocksDB, checkpoints and everything else as the engine has it. It does
less than the engine: nothing is corrected, called late, or kept when it can't be read.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from pyflink.common import Types, WatermarkStrategy
from pyflink.common.serialization import SimpleStringSchema
from pyflink.datastream import (
    FlatMapFunction,
    KeyedProcessFunction,
    MapFunction,
    RuntimeContext,
    StreamExecutionEnvironment,
)
from pyflink.datastream.connectors.kafka import (
    DeliveryGuarantee,
    KafkaOffsetsInitializer,
    KafkaRecordSerializationSchema,
    KafkaSink,
    KafkaSource,
)
from pyflink.datastream.state import ValueStateDescriptor

from bench.plain import (
    Features,
    State,
    decode,
    device_features,
    ip_features,
    message,
    user_features,
)
from flink_jobs.settings import read_ruleset, read_settings
from risk.event import Transaction
from risk.features.catalogue import DAY, HISTORY, IP_WINDOW, SESSION_GAP
from risk.rules import load

Event = tuple[Transaction, Features]
EVENT = Types.PICKLED_BYTE_ARRAY()


class Parse(FlatMapFunction):  # type: ignore[misc]
    """JSON to transactions; what can't be read is dropped."""

    def flat_map(self, value: str) -> Iterator[Event]:
        """None or one."""
        try:
            yield decode(value), {}
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return


class KeyFeatures(KeyedProcessFunction):  # type: ignore[misc]
    """Adds the features of its key, whose state is forgotten when it is idle for `keep_ms`."""

    def __init__(
        self, compute: Callable[[State, Transaction], Features | None], keep_ms: int
    ) -> None:
        self._compute, self._keep = compute, keep_ms

    def open(self, context: RuntimeContext) -> None:
        """One value a key."""
        self._state = context.get_state(ValueStateDescriptor("state", Types.PICKLED_BYTE_ARRAY()))

    def process_element(self, value: Event, ctx: KeyedProcessFunction.Context) -> Iterator[Event]:
        """One event; none if it is a duplicate."""
        txn, features = value
        state: State | None = self._state.value()
        if state is None:
            state = {}
            timers = ctx.timer_service()
            timers.register_processing_time_timer(timers.current_processing_time() + self._keep)
        found = self._compute(state, txn)
        if found is not None:
            state["seen"] = int(time.time() * 1_000)
            self._state.update(state)
            yield txn, features | found

    def on_timer(self, timestamp: int, ctx: KeyedProcessFunction.OnTimerContext) -> None:
        """Forget the key, or look again when it may be idle."""
        state = self._state.value()
        if state and state["seen"] + self._keep > timestamp:
            timer = state["seen"] + self._keep
            ctx.timer_service().register_processing_time_timer(timer)
        else:
            self._state.clear()


class Decide(MapFunction):  # type: ignore[misc]
    """Features to a score, as JSON."""

    def __init__(self, files: dict[str, str], run_id: str) -> None:
        self._files, self._run_id = files, run_id

    def open(self, context: RuntimeContext) -> None:
        """Compile the rules."""
        self._ruleset = load(self._files)

    def map(self, value: Event) -> str:
        """One event."""
        txn, features = value
        now = int(time.time() * 1_000)
        return message(self._ruleset, self._run_id, txn, features, now).decode()


def main() -> None:
    """Build the job and submit it."""
    parser = argparse.ArgumentParser(prog="baseline_plain.py", description="Submit the baseline.")
    parser.add_argument("--ruleset", default="rules/default")
    parser.add_argument("--run-id", default="baseline")
    parser.add_argument("--group", default="risk-baseline")
    parser.add_argument("--start", choices=["earliest", "latest"], default="earliest")
    args = parser.parse_args()
    settings = read_settings()
    files, _ = read_ruleset(Path(args.ruleset))
    environment = StreamExecutionEnvironment.get_execution_environment()
    environment.set_parallelism(1)
    environment.set_buffer_timeout(1)
    start: Any = KafkaOffsetsInitializer
    source = (
        KafkaSource.builder()
        .set_bootstrap_servers(settings.kafka.servers)
        .set_topics(settings.topics.transactions)
        .set_group_id(args.group)
        .set_starting_offsets(getattr(start, args.start)())
        .set_value_only_deserializer(SimpleStringSchema())
        .build()
    )
    to_kafka = (
        KafkaRecordSerializationSchema.builder()
        .set_topic(settings.topics.scores)
        .set_value_serialization_schema(SimpleStringSchema())
        .build()
    )
    sink = (
        KafkaSink.builder()
        .set_bootstrap_servers(settings.kafka.servers)
        .set_record_serializer(to_kafka)
        .set_delivery_guarantee(DeliveryGuarantee.AT_LEAST_ONCE)
        .set_property("compression.type", "lz4")
        .build()
    )
    (
        environment.from_source(source, WatermarkStrategy.no_watermarks(), "transactions")
        .flat_map(Parse(), output_type=EVENT)
        .key_by(lambda event: event[0].user_id, key_type=Types.STRING())
        .process(KeyFeatures(user_features, HISTORY + DAY), output_type=EVENT)
        .key_by(lambda event: event[0].ip, key_type=Types.STRING())
        .process(KeyFeatures(ip_features, IP_WINDOW), output_type=EVENT)
        .key_by(lambda event: event[0].device_id, key_type=Types.STRING())
        .process(KeyFeatures(device_features, SESSION_GAP), output_type=EVENT)
        .map(Decide(files, args.run_id), output_type=Types.STRING())
        .sink_to(sink)
    )
    environment.execute("baseline: plain PyFlink")


if __name__ == "__main__":
    main()
