"""A log that ends otherwise than with a payment, or goes on elsewhere, is read to its end."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewPartitions

from risk.config.settings import Settings
from risk.engine.payment.transaction import encode
from risk.kafka.client import client_config
from risk.kafka.scan import offsets
from risk.stack.process import Home
from tests.hostile import Scoring, payment, running, touchy
from tests.pipeline import until, with_own_topics


@pytest.fixture(scope="module")
def scoring(
    kafka: Settings, flink: Settings, home: Home, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Scoring]:
    project = touchy(tmp_path_factory.mktemp("touchy"))
    with running(with_own_topics(flink, f"ends-{time.time_ns():x}"), home, project) as found:
        yield found


def test_what_a_transaction_has_aborted_is_not_scored(scoring: Scoring) -> None:
    """And a partition that ends with such records, or with a marker, is read to its end."""
    settings = scoring.settings
    for number, commit in enumerate((True, False)):
        name = f"transaction-{time.time_ns():x}"
        producer = Producer({**client_config(settings.kafka), "transactional.id": name})
        producer.init_transactions(20)
        producer.begin_transaction()
        for partition in range(settings.kafka.partitions):
            txn = payment(f"in-transaction-{number}-{partition}", f"user-{partition}")
            producer.produce(
                settings.topics.transactions, encode(txn), txn.user_id, partition=partition
            )
        producer.flush(20)
        (producer.commit_transaction if commit else producer.abort_transaction)(20)
    scoring.exact()
    until(scoring.settled, "every partition rests", 60)


def test_a_partition_that_is_added_is_read_from_its_first_record(scoring: Scoring) -> None:
    settings, topic = scoring.settings, scoring.settings.topics.transactions
    count = len(offsets(settings, topic))
    admin = AdminClient(client_config(settings.kafka))
    admin.create_partitions([NewPartitions(topic, count + 2)])[topic].result(20)
    until(lambda: len(offsets(settings, topic)) == count + 2, "there are more partitions", 30)
    producer = Producer(client_config(settings.kafka))
    for number in range(20):
        txn = payment(f"added-{number}", f"new-user-{number}")
        producer.produce(topic, encode(txn), txn.user_id, partition=count + number % 2)
    assert producer.flush(20) == 0
    scoring.exact()
    until(scoring.settled, "every partition rests", 60)
