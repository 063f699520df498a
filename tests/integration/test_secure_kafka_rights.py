"""Kafka in a secure stack: TLS alone, and accounts that may do what they need."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourceType,
)

from risk.config import names
from risk.config.settings import Settings
from risk.kafka.client import client_config
from risk.kafka.control_log import ControlLog
from risk.kafka.quiet import SILENT
from risk.kafka.topic import look
from risk.ops.lags import Lags
from risk.stack.roles import DELIVERIES
from risk.waiting import until
from tests.integration.secure_kafka import (
    ANSWER_S,
    account,
    joined,
    read,
    refused,
    written,
)
from tests.integration.secure_stack import Secure, running

DENIED = {KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.CLUSTER_AUTHORIZATION_FAILED}
SCORES, ALERTS, PAYMENTS = "risk.scores", "risk.alerts", "risk.transactions"
FEEDBACK, DLQ, LABELS, LATE = "risk.feedback", "risk.dlq", "risk.labels", "risk.late"
CONTROL = "risk.control"


@pytest.fixture(scope="module")
def secure(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secure]:
    with running(settings, tmp_path_factory.mktemp("secure"), "kafka") as found:
        yield found


WRITERS = {
    "generator": {PAYMENTS, LABELS},
    "jobs": {SCORES, ALERTS, LATE, DLQ, CONTROL},
    "postgres": {DLQ},
    "redis": {DLQ},
    "elasticsearch": {DLQ},
    "feedback": {DLQ},
    "console": {FEEDBACK, DLQ},
    "api": {PAYMENTS, FEEDBACK},
    "reader": set(),
}
READERS = {
    "generator": set(),
    "jobs": {PAYMENTS, FEEDBACK, LATE, CONTROL},
    "postgres": {SCORES, LATE},
    "redis": {SCORES},
    "elasticsearch": {SCORES},
    "feedback": {FEEDBACK},
    "console": {ALERTS},
    "api": {PAYMENTS, SCORES},
    "reader": {PAYMENTS, SCORES, ALERTS, LATE, DLQ, LABELS, FEEDBACK, CONTROL},
}
ALL = sorted(READERS["reader"])
GROUPS = {name: names.delivery_group(name) for name in DELIVERIES}
GROUPS |= {"console": names.CONSOLE_READER, "api": names.API_READER}


@pytest.mark.parametrize("who", WRITERS)
def test_an_account_writes_its_topics_and_no_other(secure: Secure, who: str) -> None:
    found = {topic: written(account(secure, who), topic) for topic in ALL}
    assert {topic for topic, code in found.items() if code is None} == WRITERS[who]
    assert {code for code in found.values() if code is not None} <= DENIED


@pytest.mark.parametrize("who", READERS)
def test_an_account_reads_its_topics_and_no_other(secure: Secure, who: str) -> None:
    kafka, group = account(secure, who), GROUPS.get(who, names.CLI_READER)
    found = {topic: read(kafka, topic, group) for topic in ALL}
    assert {topic for topic, code in found.items() if code is None} == READERS[who]
    # Silence would be no refusal.
    refusals = DENIED | {KafkaError.GROUP_AUTHORIZATION_FAILED}
    assert {code for code in found.values() if code is not None} <= refusals


@pytest.mark.parametrize(
    ("who", "topic", "group"),
    [
        ("redis", SCORES, names.delivery_group("postgres")),
        ("jobs", PAYMENTS, names.delivery_group("redis")),
        ("reader", SCORES, "somebody-elses"),
        ("reader", SCORES, names.delivery_group("redis")),
        ("console", ALERTS, names.scoring_group("default")),
    ],
)
def test_a_group_of_others_is_refused(secure: Secure, who: str, topic: str, group: str) -> None:
    assert joined(account(secure, who), topic, group) == KafkaError.GROUP_AUTHORIZATION_FAILED


@pytest.mark.parametrize(
    ("who", "topic", "group"),
    [
        ("redis", SCORES, names.delivery_group("redis")),
        ("jobs", PAYMENTS, names.scoring_group("default")),
        ("jobs", PAYMENTS, names.replay_run("one")),
        ("console", ALERTS, names.CASES_GROUP),
    ],
)
def test_an_account_has_its_groups(secure: Secure, who: str, topic: str, group: str) -> None:
    assert joined(account(secure, who), topic, group) is None


@pytest.mark.parametrize("who", ["console", "api", "jobs", "redis", "generator", "reader", "ops"])
def test_nobody_else_alters_topics_accounts_or_rights(secure: Secure, who: str) -> None:
    kafka = account(secure, who)
    entry = ConfigEntry("retention.ms", "1", incremental_operation=AlterConfigOpType.SET)
    config = ConfigResource(ResourceType.TOPIC, SCORES, incremental_configs=[entry])
    assert refused(lambda admin: admin.incremental_alter_configs([config]), kafka) in DENIED
    assert refused(lambda admin: admin.delete_topics([SCORES]), kafka) in DENIED
    assert refused(lambda admin: admin.create_topics([NewTopic("mine", 1)]), kafka) in DENIED
    with pytest.raises(KafkaException):
        AdminClient({**client_config(kafka), **SILENT}).describe_user_scram_credentials().result()


def test_operations_make_their_own_topics_and_send_again(secure: Secure) -> None:
    kafka = account(secure, "ops")
    admin = AdminClient({**client_config(kafka), **SILENT})
    name = f"{names.WARM_UP_TOPICS}one"
    for future in admin.create_topics([NewTopic(name, 1)]).values():
        future.result()
    assert until(lambda: written(account(secure, "jobs"), name) is None, ANSWER_S)
    for future in admin.delete_topics([name]).values():
        future.result()
    told = {"transactional.id": names.resend_transaction(DLQ)}
    producer = Producer({**client_config(kafka), **SILENT, **told})
    producer.init_transactions(ANSWER_S)
    producer.begin_transaction()
    producer.produce(PAYMENTS, b"{}")
    producer.commit_transaction(ANSWER_S)


def test_a_job_sees_what_it_relies_on(secure: Secure) -> None:
    jobs = secure.as_role("jobs")
    assert look(jobs.kafka, PAYMENTS).timestamps == "LogAppendTime"
    with closing(ControlLog(jobs)) as control:
        list(control.all())


def test_the_reader_sees_how_far_groups_are(secure: Secure) -> None:
    found, _ = Lags(secure.as_role("reader")).look(names.delivery_group("redis"), [SCORES])
    assert found >= 0
