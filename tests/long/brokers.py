"""Hostile input by way of Kafka and of the stores: markers, partitions, tombstones, nonsense."""

from __future__ import annotations

import time

import msgspec
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewPartitions

from risk.engine.payment.transaction import encode
from risk.kafka.client import client_config
from risk.kafka.scan import offsets
from sinks import registry
from sinks.redis import keys
from sinks.redis.client import connect
from tests.contract.messages import score
from tests.long.health import ERRORS, Sound, now
from tests.pipeline import transaction, until
from tests.topics import Sent, lag, read, send

NONSENSE = 8  # records on risk.scores that are no scores
GROUP = "risk-score-default"


def _transaction(sound: Sound, user: str, commit: bool) -> None:
    """A payment in each partition, in one transaction; its marker ends them."""
    name = f"transaction-{time.time_ns():x}"
    producer = Producer({**client_config(sound.settings.kafka), "transactional.id": name})
    producer.init_transactions(20)
    producer.begin_transaction()
    for partition in offsets(sound.settings, sound.topic):
        txn = transaction(f"x{partition}", f"{user}-{partition}", now())
        producer.produce(sound.topic, encode(txn), txn.user_id, partition)
    producer.flush(20)
    (producer.commit_transaction if commit else producer.abort_transaction)(20)


def an_aborted_transaction(sound: Sound) -> None:
    _transaction(sound, "aborted", commit=False)
    sound.pay([transaction("after", "after-aborted", now())])
    sound.decided("after-aborted", 1)
    assert sound.scores("aborted") == []


def a_marker_at_the_end(sound: Sound) -> None:
    _transaction(sound, "committed", commit=True)
    sound.decided("committed", len(offsets(sound.settings, sound.topic)))


def partitions_that_are_added(sound: Sound) -> None:
    count = len(offsets(sound.settings, sound.topic))
    admin = AdminClient(client_config(sound.settings.kafka))
    admin.create_partitions([NewPartitions(sound.topic, count + 2)])[sound.topic].result(20)
    until(lambda: len(offsets(sound.settings, sound.topic)) == count + 2, "they are there", 30)
    for number in range(20):
        txn = transaction(f"p{number}", f"added-{number}", now())
        sound.pay([txn], count + number % 2)
    sound.decided("added-", 20)


def tombstones_on_scores(sound: Sound) -> None:
    """They say nothing: deliveries pass them over."""
    users = ("probe-0", "tombstoned", "\U0001f600")
    dead = [Sent(user.encode(), None) for user in users] + [Sent(None, None)]
    send(sound.settings, sound.settings.topics.scores, dead)


def keys_in_the_way_in_redis(sound: Sound) -> None:
    """What is to be written finds lists under its keys, and replaces them."""
    txn = transaction("squatted", "squatting", now())
    with connect(sound.settings) as client:
        for key in (
            keys.score_key(txn.user_id, txn.event_id, txn.event_time),
            keys.USER + txn.user_id,
        ):
            client.rpush(key, "in the way")
    sound.pay([txn])
    sound.decided("squatting", 1)


def nonsense_on_scores(sound: Sound) -> None:
    """Each delivery puts it aside. `risk verify` says from now on that it stands there."""
    settings = sound.settings
    one = score("nonsense", ruleset=("nonsense", 1))
    good = msgspec.json.encode(one)
    values = [
        b"not JSON",
        b'{"event_id": "of another kind"}',
        b"\xff\x00\xfe",
        b"",
        good.replace(b'"score":0', b'"score":"x"'),
        good.replace(b'"score":0', b'"score":99999'),
        good.replace(b'"revision":0', b'"revision":70000'),
        b"\xff" * 2_097_000,
    ]
    assert len(values) == NONSENSE
    sent = [Sent(b"nonsense-%d" % n, value) for n, value in enumerate(values)]
    send(settings, settings.topics.scores, sent)
    # Feedback's delivery reads another topic.
    wanted = {(r.key, f"deliver.{store}".encode()) for r in sent for store in registry.names()}

    def letters() -> set[tuple[bytes | None, bytes | None]]:
        found = set()
        for message in read(settings, settings.topics.dlq):
            told = dict(message.headers() or ())
            if told.get(ERRORS + "topic") == settings.topics.scores.encode():
                found.add((message.key(), told[ERRORS + "stage"]))
        return found

    until(lambda: letters() == wanted, "each delivery has put all of it aside", 60)


def records_that_are_deleted(sound: Sound) -> None:
    """All that was read; scores can't be computed again from then on."""
    settings, topic = sound.settings, sound.topic
    until(lambda: lag(settings, GROUP, topic) == 0, "all is committed", 60)
    cuts = [TopicPartition(topic, p, high) for p, (_, high) in offsets(settings, topic).items()]
    admin = AdminClient(client_config(settings.kafka))
    for future in admin.delete_records(cuts).values():
        future.result(20)
