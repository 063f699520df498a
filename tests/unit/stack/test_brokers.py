"""How many brokers there are, where they listen, and what of it a data folder settles."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest
from msgspec.structs import replace

from risk.cli import up as command
from risk.config.settings import Settings, SettingsError, parse
from risk.errors import StackError
from risk.stack import kafka_nodes, ports
from risk.stack.kafka import Kafka
from risk.stack.kafka_config import properties
from risk.stack.process import Home

THREE = parse("kafka: {brokers: 3, port: 9192, controller_port: 9193}", {})


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def config(settings: Settings, home: Home, at: int) -> dict[str, str]:
    nodes = kafka_nodes.nodes(settings, home)
    lines = properties(settings, nodes[at], nodes).splitlines()
    return dict(line.split("=", 1) for line in lines)


def test_servers_are_all_the_brokers() -> None:
    assert parse("", {}).kafka.servers == "127.0.0.1:9092"
    assert THREE.kafka.servers == "127.0.0.1:9192,127.0.0.1:9194,127.0.0.1:9196"
    others = parse("kafka: {brokers: 3, bootstrap: 'a:1,b:2'}", {})
    assert others.kafka.servers == "a:1,b:2"


@pytest.mark.parametrize(("brokers", "replicas", "in_sync"), [(1, 1, 1), (3, 3, 2), (5, 3, 2)])
def test_replicas(brokers: int, replicas: int, in_sync: int) -> None:
    kafka = replace(THREE.kafka, brokers=brokers)
    assert (kafka.replicas, kafka.in_sync) == (replicas, in_sync)


def test_no_broker_is_an_error() -> None:
    with pytest.raises(SettingsError, match=r"RISK_KAFKA__BROKERS: kafka.brokers: "):
        parse("", {"RISK_KAFKA__BROKERS": "0"})


def test_a_single_broker_has_no_number(home: Home) -> None:
    (node,) = kafka_nodes.nodes(parse("", {}), home)
    assert (node.id, node.name, node.folder) == (1, "kafka", home.path / "kafka")
    assert config(parse("", {}), home, 0)["controller.quorum.voters"] == "1@127.0.0.1:9093"


def test_each_node_knows_all_voters(home: Home) -> None:
    voters = "1@127.0.0.1:9193,2@127.0.0.1:9195,3@127.0.0.1:9197"
    for at in range(3):
        found = config(THREE, home, at)
        assert found["node.id"] == str(at + 1)
        assert found["controller.quorum.voters"] == voters
        assert found["listeners"] == (
            f"PLAINTEXT://127.0.0.1:{9192 + 2 * at},CONTROLLER://127.0.0.1:{9193 + 2 * at}"
        )
        for name in ("offsets.topic", "transaction.state.log", "share.coordinator.state.topic"):
            assert found[f"{name}.replication.factor"] == "3"
        assert found["min.insync.replicas"] == "2"
    assert len({config(THREE, home, at)["log.dirs"] for at in range(3)}) == 3


def test_a_password_is_asked_for_if_there_is_one(home: Home) -> None:
    kafka = {
        "RISK_KAFKA__SECURITY_PROTOCOL": "SASL_PLAINTEXT",
        "RISK_KAFKA__SASL_MECHANISM": "PLAIN",
        "RISK_KAFKA__SASL_USERNAME": "risk",
        "RISK_KAFKA__SASL_PASSWORD": "open",
    }
    found = config(parse("", kafka), home, 0)
    assert found["listener.security.protocol.map"].startswith("SASL_PLAINTEXT:SASL_PLAINTEXT,")
    assert 'user_risk="open"' in found["listener.name.sasl_plaintext.plain.sasl.jaas.config"]
    assert config(parse("", {}), home, 0)["listener.security.protocol.map"].startswith(
        "PLAINTEXT:PLAINTEXT,"
    )
    for left_out in ("SASL_USERNAME", "SASL_PASSWORD"):
        fewer = {name: text for name, text in kafka.items() if not name.endswith(left_out)}
        with pytest.raises(StackError, match=r"^kafka: the embedded brokers take "):
            config(parse("", fewer), home, 0)
    for odd in ('op"en', "op\\en"):
        with pytest.raises(StackError, match=r"^kafka\.sasl_password: .* choose another"):
            config(parse("", {**kafka, "RISK_KAFKA__SASL_PASSWORD": odd}), home, 0)


def test_a_folder_keeps_its_number_of_brokers(home: Home) -> None:
    default = parse("", {})
    assert kafka_nodes.with_recorded(default, home) is default
    kafka_nodes.record(THREE, home)
    assert kafka_nodes.with_recorded(default, home).kafka.brokers == 3
    assert kafka_nodes.with_recorded(THREE, home) is THREE
    kafka_nodes.record(THREE, home)
    five = replace(THREE, kafka=replace(THREE.kafka, brokers=5))
    for other in (five, default):
        with pytest.raises(StackError, match=r"was made for 3, not [15]: keep to 3, set data_dir"):
            kafka_nodes.record(other, home)


def test_a_folder_from_before_there_was_a_number_is_of_one_broker(home: Home) -> None:
    made = home.folder("kafka/data") / "meta.properties"
    made.touch()
    assert kafka_nodes.recorded(home) == 1
    with pytest.raises(StackError, match="was made for 1, not 3"):
        kafka_nodes.record(THREE, home)


def test_a_brokers_port_is_named_after_the_setting_it_is_counted_from(home: Home) -> None:
    for port in (9192, 9194, 9196):
        assert ports.setting(THREE, "kafka", port) == "kafka.port"
        assert ports.setting(THREE, "kafka", port + 1) == "kafka.controller_port"
    assert ports.clients(THREE, Kafka(THREE, home)) == THREE.kafka.servers


def test_ports_that_meet_are_refused(home: Home) -> None:
    clash = replace(THREE, kafka=replace(THREE.kafka, controller_port=9194))
    with pytest.raises(StackError, match="port 9194 is given to kafka twice: change kafka"):
        ports.check_free(clash, Kafka(clash, home))


@pytest.mark.parametrize("text", ["0", "", "12", "three", "-1"])
def test_the_option_takes_a_number(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    command.register(parser.add_subparsers())
    with pytest.raises(SystemExit):
        parser.parse_args(["up", f"--brokers={text}"])
    assert "a number from 1 to 9" in capsys.readouterr().err
    assert parser.parse_args(["up", "--brokers=3"]).brokers == 3


def test_a_data_folder_that_is_a_file_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    for path in (tmp_path / "data", tmp_path / "data" / "under"):
        with pytest.raises(StackError, match=f"^data_dir: {path}: no folder: set it to one$"):
            kafka_nodes.with_recorded(Settings(), Home(path))


def test_what_can_not_be_read_of_a_data_folder_is_told(home: Home) -> None:
    (home.folder("kafka") / "brokers").mkdir()
    with pytest.raises(StackError, match=r"kafka/brokers: Is a directory$"):
        kafka_nodes.recorded(home)
