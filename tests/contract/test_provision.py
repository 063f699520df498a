"""`risk provision`: the topics, on a broker that is there already."""

from __future__ import annotations

import time

import msgspec
import pytest
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic, ResourceType

from risk.cli.main import main
from risk.config.settings import Settings, to_environment
from tests.topics import configure

pytestmark = pytest.mark.stack


@pytest.fixture
def names(kafka: Settings, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The command's environment is the test stack's, with topics that are not there yet."""
    prefix = f"p{time.time_ns():x}"
    names = {field: f"{prefix}.{field}" for field in msgspec.structs.asdict(kafka.topics)}
    topics = msgspec.convert(names, type(kafka.topics))
    for name, value in to_environment(msgspec.structs.replace(kafka, topics=topics)).items():
        monkeypatch.setenv(name, value)
    return names


def test_topics_are_created_once(
    kafka: Settings, names: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["provision"]) == 0
    assert sorted(capsys.readouterr().out.split()) == sorted(
        [*names.values(), *["created"] * len(names)]
    )
    assert main(["provision"]) == 0
    assert capsys.readouterr().out == "all topics are there\n"
    admin = AdminClient({"bootstrap.servers": kafka.kafka.servers})
    found = admin.list_topics(timeout=10).topics
    partitions = {field: len(found[name].partitions) for field, name in names.items()}
    assert partitions.pop("control") == 1  # what jobs agree on has one order
    assert set(partitions.values()) == {kafka.kafka.partitions}
    for field in ("transactions", "scores", "feedback"):
        (future,) = admin.describe_configs(
            [ConfigResource(ResourceType.TOPIC, names[field])]
        ).values()
        assert future.result()["message.timestamp.type"].value == "LogAppendTime"


def test_more_replicas_than_brokers(
    kafka: Settings,
    names: dict[str, str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RISK_KAFKA__BOOTSTRAP", kafka.kafka.servers)
    monkeypatch.setenv("RISK_KAFKA__BROKERS", "3")
    assert main(["provision"]) == 2
    error = capsys.readouterr().err
    assert "replication factor" in error.lower()
    assert error.endswith("see kafka.* of the settings\n")


def test_a_topic_made_elsewhere(
    kafka: Settings, names: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Its producers' times can't be scored; compressed as they like is said to be a risk."""
    admin = AdminClient({"bootstrap.servers": kafka.kafka.servers})
    topic = names["transactions"]
    own = NewTopic(topic, 2, 1, config={"message.timestamp.type": "CreateTime"})
    admin.create_topics([own])[topic].result(20)
    assert main(["provision"]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"risk: topic {topic}: message.timestamp.type is CreateTime: ")
    assert "--add-config message.timestamp.type=LogAppendTime" in error
    configure(admin, topic, "message.timestamp.type", "LogAppendTime")
    assert main(["provision"]) == 0
    assert compression(admin, topic) == "uncompressed"  # on a broker of ours it is changed


def test_the_topics_of_other_brokers_are_left_as_they_are(
    kafka: Settings,
    names: dict[str, str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert main(["provision"]) == 0
    admin = AdminClient({"bootstrap.servers": kafka.kafka.servers})
    topic = names["transactions"]
    configure(admin, topic, "compression.type", "producer")
    monkeypatch.setenv("RISK_KAFKA__BOOTSTRAP", kafka.kafka.servers)
    capsys.readouterr()
    assert main(["provision"]) == 0
    said = capsys.readouterr().out
    assert f"topic {topic}: compression.type is producer: " in said
    assert "--add-config compression.type=uncompressed" in said
    assert compression(admin, topic) == "producer"


def compression(admin: AdminClient, topic: str) -> str:
    asked = [ConfigResource(ResourceType.TOPIC, topic)]
    (future,) = admin.describe_configs(asked).values()
    return str(future.result()["compression.type"].value)
