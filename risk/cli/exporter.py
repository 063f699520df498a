"""`risk exporter`: serve to Prometheus what Flink doesn't tell it."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from confluent_kafka import KafkaException
from msgspec.structs import asdict
from prometheus_client.registry import Collector

from risk import logs
from risk.cli.common import whole
from risk.cli.exporter_drift import drift_collector
from risk.config.names import ENDS_READER, GROUPS
from risk.config.types import in_url
from risk.errors import UserError
from risk.kafka import long_lived
from risk.kafka.group_offsets import GroupOffsets
from risk.kafka.readable import nothing_left, reader
from risk.monitoring import memory
from risk.monitoring.exporter import (
    DiskCollector,
    KafkaCollector,
    MemoryCollector,
    ProcessCollector,
)
from risk.monitoring.server import serve
from risk.ops.health_answers import answers
from risk.ops.readiness import Jobs
from risk.ops.settings import home, in_role, load_settings
from risk.ops.submit import every_kind
from risk.stack.process import recorded


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `risk exporter`."""
    text = (
        "serve to Prometheus consumer lag by group, topic and partition, the room on disks "
        "and in memory, and how far features and scores have moved; /healthz, /readyz and "
        "/readyz/jobs/JOB say whether it and each job do their work"
    )
    parser = subparsers.add_parser("exporter", help="serve consumer lag", description=text)
    parser.add_argument("--host", help="default: prometheus.host")
    parser.add_argument("--port", type=whole(1, 65_535), help="default: prometheus.exporter_port")
    parser.add_argument(
        "--groups", type=_pattern, default=_pattern(f"{GROUPS}.*"), metavar="REGEX",
        help="the consumer groups, by their whole name (default: risk-.*)",
    )  # fmt: skip
    parser.add_argument(
        "--disk", type=Path, action="append", metavar="PATH",
        help="a folder whose disk is watched; may be repeated (default: the data folder)",
    )  # fmt: skip
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Serves until it is ended."""
    settings = in_role(load_settings(), "reader")
    logs.set_up(settings, "exporter")
    host = args.host or settings.prometheus.host
    port = args.port or settings.prometheus.exporter_port
    data = home(settings)
    topics = list(asdict(settings.topics).values())
    records = reader(settings.kafka, ENDS_READER)

    def at_end(topic: str, partition: int, committed: int, end: int) -> bool:
        try:
            return nothing_left(records, topic, partition, committed, end)
        except KafkaException:
            return False

    admin, known = long_lived.admin(settings.kafka), GroupOffsets(settings.kafka)
    kafka = KafkaCollector(admin, known, topics, args.groups, at_end)
    collectors: list[Collector] = [
        kafka,
        DiskCollector(args.disk or [data.path]),
        MemoryCollector(memory.read),
        ProcessCollector(lambda: recorded(data)),
    ]
    if settings.prometheus.drift_interval_s:
        collectors.append(drift_collector(settings))
    print(f"http://{in_url(host)}:{port}/metrics", flush=True)
    try:
        serve(collectors, host, port, answers(Jobs(settings), every_kind(), kafka.answers))
    except OSError as error:
        raise UserError(f"--port: {in_url(host)}:{port}: {error.strerror}: name another") from None
    return 0


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise argparse.ArgumentTypeError(f"{text}: not a regular expression: {error}") from None
