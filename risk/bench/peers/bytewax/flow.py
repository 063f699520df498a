"""The features and the score on Bytewax.

    python -m bytewax.run -r FOLDER -s 5 -b 0 "risk.bench.peers.bytewax.flow:flow('rules/default')"

State is held in memory and snapshot every 5 seconds into recovery partitions, at-least-once.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import bytewax.operators as op
import msgspec
from bytewax.connectors.kafka import KafkaSink, KafkaSinkMessage, KafkaSource
from bytewax.dataflow import Dataflow

from flink_jobs.settings import read_ruleset, read_settings
from risk.bench.plain import (
    Features,
    State,
    decode,
    device_features,
    ip_features,
    message,
    user_features,
)
from risk.config.names import SCORE
from risk.engine.payment.addresses import key as counted_under
from risk.engine.payment.transaction import Transaction

Event = tuple[Transaction, Features]


def parse(record: Any) -> Event | None:
    """A record to an event; None for what can't be read or came under another key."""
    try:
        txn = decode(record.value)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    return (txn, {}) if record.key == txn.user_id.encode() else None


def user(state: State | None, event: Event) -> tuple[State, Event | None]:
    """Add the user's features; None for a duplicate."""
    state = {} if state is None else state
    found = user_features(state, event[0])
    return state, None if found is None else (event[0], found)


def ip(state: State | None, event: Event) -> tuple[State, Event]:
    """Add the address's features."""
    state = {} if state is None else state
    return state, (event[0], event[1] | ip_features(state, event[0]))


def device(state: State | None, event: Event) -> tuple[State, Event]:
    """Add the device's features."""
    state = {} if state is None else state
    return state, (event[0], event[1] | device_features(state, event[0]))


def flow(ruleset_folder: str) -> Any:
    """The dataflow."""
    settings = read_settings(SCORE)
    _, ruleset = read_ruleset(Path(ruleset_folder))
    brokers = settings.kafka.servers.split(",")

    def scored(keyed: tuple[str, Event]) -> Any:
        txn, features = keyed[1]
        value = message(ruleset, "bytewax", txn, features, int(time.time() * 1_000))
        return KafkaSinkMessage(txn.user_id.encode(), value)

    found = Dataflow("risk")
    records = op.input("transactions", found, KafkaSource(brokers, [settings.topics.transactions]))
    events = op.filter_map("parse", records, parse)
    users = op.key_on("by_user", events, lambda event: event[0].user_id)
    once = op.filter_map("once", op.stateful_map("user", users, user), lambda keyed: keyed[1])
    ips = op.key_on("by_ip", once, lambda event: counted_under(event[0].ip))
    seen = op.map("of_ip", op.stateful_map("ip", ips, ip), lambda keyed: keyed[1])
    devices = op.key_on("by_device", seen, lambda event: event[0].device_id)
    scores = op.map("score", op.stateful_map("device", devices, device), scored)
    sink = KafkaSink(brokers, settings.topics.scores, add_config={"compression.type": "lz4"})
    op.output("scores", scores, sink)
    return found
