"""The baseline: the same features and rules in PyFlink the usual way.

    flink run -d -py risk/bench/baseline_plain.py -pyfs build/risk-code.zip --ruleset rules/default

Keyed ProcessFunctions for user, ip and device in thread mode, each with one read and one write of
its key's state per event; RocksDB, checkpoints and everything else as the engine has it. It does
less than the engine: nothing is corrected, called late, or kept when it can't be read.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from pyflink.common import Types, WatermarkStrategy
from pyflink.common.serialization import SimpleStringSchema
from pyflink.datastream import StreamExecutionEnvironment
from pyflink.datastream.connectors.kafka import (
    DeliveryGuarantee,
    KafkaOffsetsInitializer,
    KafkaRecordSerializationSchema,
    KafkaSink,
    KafkaSource,
)

from flink_jobs.settings import read_ruleset, read_settings
from risk.bench.plain import device_features, ip_features, user_features
from risk.bench.plain_operators import EVENT, Decide, KeyFeatures, Parse
from risk.config.names import SCORE
from risk.engine.features.catalogue import DAY, HISTORY, IP_WINDOW, SESSION_GAP
from risk.engine.payment.addresses import key as counted_under


def main() -> None:
    """Build the job and submit it."""
    parser = argparse.ArgumentParser(prog="baseline_plain.py", description="Submit the baseline.")
    parser.add_argument("--ruleset", default="rules/default")
    parser.add_argument("--run-id", default="baseline")
    parser.add_argument("--group", default="risk-baseline")
    parser.add_argument("--start", choices=["earliest", "latest"], default="earliest")
    args = parser.parse_args()
    settings = read_settings(SCORE)
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
        .key_by(lambda event: counted_under(event[0].ip), key_type=Types.STRING())
        .process(KeyFeatures(ip_features, IP_WINDOW), output_type=EVENT)
        .key_by(lambda event: event[0].device_id, key_type=Types.STRING())
        .process(KeyFeatures(device_features, SESSION_GAP), output_type=EVENT)
        .map(Decide(files, args.run_id), output_type=Types.STRING())
        .sink_to(sink)
    )
    environment.execute("baseline: plain PyFlink")


if __name__ == "__main__":
    main()
