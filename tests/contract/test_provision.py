"""`risk provision`: the topics, on a broker that is there already."""

from __future__ import annotations

import time

import msgspec
import pytest
from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType

from cli.main import main
from risk.settings import Settings, to_environment

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
    assert sorted(capsys.readouterr().out.split()) == sorted([*names.values(), *["created"] * 6])
    assert main(["provision"]) == 0
    assert capsys.readouterr().out == "all topics are there\n"
    admin = AdminClient({"bootstrap.servers": kafka.kafka.servers})
    found = admin.list_topics(timeout=10).topics
    assert {len(found[name].partitions) for name in names.values()} == {kafka.kafka.partitions}
    (future,) = admin.describe_configs(
        [ConfigResource(ResourceType.TOPIC, names["transactions"])]
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
