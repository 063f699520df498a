"""The features and the score on Quix Streams: run as many processes of it as you like.

    python -m risk.bench.peers.quix.job --state FOLDER --group GROUP --ruleset rules/default

State is in RocksDB with a changelog topic in Kafka, at-least-once, committed every 5 seconds. A
dataframe can be re-keyed once (`group_by` doesn't nest), so each key has one, and topics between.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import msgspec
from quixstreams import Application, State
from quixstreams.models import Deserializer, Serializer, TopicConfig

from flink_jobs.settings import read_ruleset, read_settings
from risk.bench.plain import (
    Features,
    decode,
    device_features,
    ip_features,
    message,
    user_features,
)
from risk.config.names import SCORE
from risk.engine.payment.addresses import key as counted_under
from risk.engine.payment.transaction import Transaction
from risk.engine.rules import Ruleset


class Event(msgspec.Struct):
    """A transaction on its way through the keys, with the features that it has by now."""

    txn: Transaction
    features: Features


class FromTransaction(Deserializer):  # type: ignore[misc]
    """JSON to an event; None for what can't be read."""

    def __call__(self, value: bytes, ctx: Any) -> Event | None:
        """One record."""
        try:
            return Event(decode(value), {})
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return None


class ToBytes(Serializer):  # type: ignore[misc]
    """An event between two keys, as msgpack."""

    encode = msgspec.msgpack.Encoder().encode

    def __call__(self, value: Event, ctx: Any) -> bytes:
        """One record."""
        return self.encode(value)


class FromBytes(Deserializer):  # type: ignore[misc]
    """An event between two keys."""

    decode = msgspec.msgpack.Decoder(Event).decode

    def __call__(self, value: bytes, ctx: Any) -> Event:
        """One record."""
        return self.decode(value)


class ToScore(Serializer):  # type: ignore[misc]
    """An event with all of its features to the JSON of its score."""

    def __init__(self, ruleset: Ruleset) -> None:
        super().__init__()
        self._ruleset = ruleset

    def __call__(self, value: Event, ctx: Any) -> bytes:
        """One record."""
        now = int(time.time() * 1_000)
        return message(self._ruleset, "quix", value.txn, value.features, now)


def user(event: Event, state: State) -> Event | None:
    """Add the user's features; None for a duplicate."""
    kept = state.get("state", {})
    found = user_features(kept, event.txn)
    if found is None:
        return None
    state.set("state", kept)
    return Event(event.txn, found)


def ip(event: Event, state: State) -> Event:
    """Add the address's features."""
    kept = state.get("state", {})
    event.features |= ip_features(kept, event.txn)
    state.set("state", kept)
    return event


def device(event: Event, state: State) -> Event:
    """Add the device's features."""
    kept = state.get("state", {})
    event.features |= device_features(kept, event.txn)
    state.set("state", kept)
    return event


def own_key(event: Event | None, key: Any, timestamp: int, headers: Any) -> bool:
    """Whether it could be read and came under its user's key."""
    return event is not None and key == event.txn.user_id.encode()


def main() -> None:
    """Run until it is ended."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--state", required=True)
    parser.add_argument("--group", required=True)
    parser.add_argument("--ruleset", required=True)
    args = parser.parse_args()
    settings = read_settings(SCORE)
    _, ruleset = read_ruleset(Path(args.ruleset))
    app = Application(
        broker_address=settings.kafka.servers,
        consumer_group=args.group,
        auto_offset_reset="earliest",
        state_dir=args.state,
        commit_interval=5.0,
        producer_extra_config={"compression.type": "lz4"},
        loglevel="WARNING",
    )
    transactions = app.topic(
        settings.topics.transactions, key_deserializer="bytes", value_deserializer=FromTransaction()
    )
    scores = app.topic(
        settings.topics.scores, key_serializer="str", value_serializer=ToScore(ruleset)
    )
    by_ip, by_device = (
        app.topic(
            f"repartition__{args.group}--{key}",
            key_serializer="str",
            key_deserializer="str",
            value_serializer=ToBytes(),
            value_deserializer=FromBytes(),
            config=TopicConfig(settings.kafka.partitions, replication_factor=1),
        )
        for key in ("ip", "device")
    )
    users = app.dataframe(transactions).filter(own_key, metadata=True)
    users = users.apply(user, stateful=True).filter(lambda event: event is not None)
    users.to_topic(by_ip, key=lambda event: counted_under(event.txn.ip))
    addresses = app.dataframe(by_ip).apply(ip, stateful=True)
    addresses.to_topic(by_device, key=lambda event: event.txn.device_id)
    devices = app.dataframe(by_device).apply(device, stateful=True)
    devices.to_topic(scores, key=lambda event: event.txn.user_id)
    app.run()


if __name__ == "__main__":
    main()
