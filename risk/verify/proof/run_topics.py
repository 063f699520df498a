"""A proof's own topics: one stream, and for each run outputs of its own."""

from __future__ import annotations

from confluent_kafka import Producer
from msgspec.structs import replace

from risk.config.names import PROVE_TOPICS
from risk.config.settings import Settings
from risk.engine.decoding import decoder
from risk.engine.messages import Late
from risk.kafka import groups as group_offsets
from risk.kafka import own_topics
from risk.kafka.client import client_config
from risk.kafka.own_topics import named
from risk.kafka.scan import offsets, read_all
from risk.kafka.topics import existing_topics

OUTPUTS = ("scores", "alerts", "late", "dlq")
LIVE = "live"
DEDUP_MS = 60_000  # so short that some of the stream's copies come when it is over
VERDICT_MS = 5_000  # so short that verdicts count while the stream is on


def stream(settings: Settings, name: str) -> Settings:
    """The settings with topics of a stream of that name."""
    scoring = replace(
        settings.scoring,
        dedup_ms=max(DEDUP_MS, settings.scoring.lateness_ms),
        feedback_delay_ms=VERDICT_MS,
    )
    return named(replace(settings, scoring=scoring), f"{PROVE_TOPICS}{name}.")


def outputs(settings: Settings, run: str) -> Settings:
    """A stream's settings with the outputs of a run of its own."""
    base = settings.topics.transactions.removesuffix("transactions")
    names = {field: f"{base}{run}.{field}" for field in OUTPUTS}
    return replace(settings, topics=replace(settings.topics, **names))


def make_outputs(run_settings: Settings, run: str) -> Settings:
    """The settings of a run's outputs, which are made anew.

    What the live run found late because a partition was silent is recorded in its risk.late alone:
    another run finds it in its own.
    """
    found = outputs(run_settings, run)
    topics = found.topics
    own_topics.make(found, (topics.scores, topics.alerts, topics.late, topics.dlq))
    if run != LIVE:
        _copy_recorded(outputs(run_settings, LIVE), found)
    return found


def _copy_recorded(live: Settings, run_settings: Settings) -> None:
    if live.topics.late not in existing_topics(live):
        return
    producer = Producer(client_config(run_settings.kafka))
    decode = decoder(Late)
    for message in read_all(live, live.topics.late):
        value = message.value()  # None: a tombstone
        if value is not None and decode(value).behind == "frontier":
            producer.produce(run_settings.topics.late, value, message.key())
    producer.flush()


def count(run_settings: Settings, topic: str) -> int:
    """How many records a topic has; 0 if there is no such topic."""
    if topic not in existing_topics(run_settings):
        return 0
    return sum(high - low for low, high in offsets(run_settings, topic).values())


def committed(run_settings: Settings, group: str) -> int:
    """How many records of the stream a group has read, as of its job's last checkpoint."""
    return sum(
        group_offsets.committed(run_settings, group, run_settings.topics.transactions).values()
    )
