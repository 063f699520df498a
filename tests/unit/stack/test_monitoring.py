"""The exporter's arithmetic and errors, and what the embedded Prometheus is told."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient
from prometheus_client import CollectorRegistry, generate_latest

from risk.cli.main import main
from risk.config import metric_names as names
from risk.config.settings import Settings, parse
from risk.errors import StackError
from risk.kafka.group_offsets import GroupOffsets
from risk.kafka.lag import Ends, Offsets
from risk.monitoring.exporter import DiskCollector, KafkaCollector, ProcessCollector, families
from risk.stack import preflight, process, prometheus
from risk.stack.process import Home
from tests.promql import RULES

OFFSETS = Offsets(
    ends={("t", 0): Ends(0, 100), ("t", 1): Ends(40, 50), ("other", 0): Ends(0, 9)},
    committed={
        "half": {("t", 0): 60},
        "done": {("t", 0): 100, ("t", 1): 50},
        "old": {("t", 0): 0, ("t", 1): 7},
        "new": {},
    },
)


def test_lag_is_what_is_not_committed_and_still_there() -> None:
    found = {(group, place): lag for group, place, lag in OFFSETS.lags()}
    assert found == {
        ("half", ("t", 0)): 40,
        ("half", ("t", 1)): 10,  # nothing committed: all that it has
        ("done", ("t", 0)): 0,
        ("done", ("t", 1)): 0,
        ("old", ("t", 0)): 100,
        ("old", ("t", 1)): 10,  # what is gone can't be waited for
    }


def test_what_was_started_and_died_is_told(tmp_path: Path) -> None:
    home = Home(tmp_path)
    process.spawn(home, "flink", ["sleep", "600"])
    try:
        home.pid_file("flink-supervisor").write_text("1 2 3")
        registry = CollectorRegistry()
        registry.register(ProcessCollector(lambda: process.recorded(home)))
        text = generate_latest(registry).decode()
        assert 'risk_process_up{process="flink"} 1.0' in text
        assert 'risk_process_up{process="flink-supervisor"} 0.0' in text
    finally:
        process.stop(home, "flink")
    assert process.recorded(home) == {"flink-supervisor": False}


def test_a_commit_beyond_the_end_is_no_lag() -> None:
    offsets = Offsets({("t", 0): Ends(0, 5)}, {"g": {("t", 0): 9}})
    assert [lag for *_, lag in offsets.lags()] == [0]


def test_a_transactions_marker_is_no_lag() -> None:
    """Asked once a group stands still; where it does so with records left, it is a lag."""
    asked: list[tuple[str, int, int, int]] = []

    def at_end(topic: str, partition: int, committed: int, end: int) -> bool:
        asked.append((topic, partition, committed, end))
        return partition == 0

    nowhere = AdminClient({"bootstrap.servers": "127.0.0.1:1", "log_level": 0})
    known = GroupOffsets(Settings().kafka)
    collector = KafkaCollector(nowhere, known, ["t"], re.compile(".*"), at_end)
    ends = {("t", 0): Ends(0, 10), ("t", 1): Ends(0, 10), ("t", 2): Ends(0, 10)}
    found = Offsets(ends, {"g": {("t", 0): 9, ("t", 1): 9, ("t", 2): 10}})

    def lags(offsets: Offsets) -> list[int]:
        return [lag for *_, lag in collector._without_markers(offsets, at_end).lags()]

    assert lags(found) == [1, 1, 0]
    assert asked == []
    assert lags(found) == lags(found) == [0, 1, 0]
    assert sorted(asked) == [("t", 0, 9, 10), ("t", 1, 9, 10)]
    assert lags(found._replace(ends={**ends, ("t", 0): Ends(0, 11)})) == [2, 1, 0]


def test_offsets_are_exported_under_the_names_of_the_registry() -> None:
    found = {family.name: family for family in families(OFFSETS)}
    assert found.keys() == {
        metric.exported
        for metric in (
            *(names.GROUP_LAG, names.GROUP_OFFSET),
            *(names.TOPIC_OFFSET, names.TOPIC_OLDEST_OFFSET),
        )
    }
    labels = {"consumergroup": "half", "topic": "t", "partition": "1"}
    assert [s.value for s in found["kafka_consumergroup_lag"].samples if s.labels == labels] == [10]


def test_a_disk_is_measured_even_before_its_folder_is_made(tmp_path: Path) -> None:
    registry = CollectorRegistry(auto_describe=False)
    path = tmp_path / "not" / "made"
    registry.register(DiskCollector([path]))
    size = registry.get_sample_value(names.DISK_SIZE.exported, {"path": str(path)})
    free = registry.get_sample_value(names.DISK_FREE.exported, {"path": str(path)})
    assert size is not None
    assert free is not None
    assert 0 < free < size
    assert b"# HELP risk_disk_free_bytes" in generate_latest(registry)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--port", "0"), "argument --port: 0: a whole number from 1 to 65535"),
        (("--port", "x"), "argument --port: x: a whole number from 1 to 65535"),
        (("--groups", "("), "argument --groups: (: not a regular expression: missing ), "),
    ],
)
def test_a_mistake_of_the_user(
    arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["exporter", *arguments])
    assert caught.value.code == 2
    assert message in capsys.readouterr().err


def test_a_port_that_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert main(["exporter", "--port", port]) == 2
    error = capsys.readouterr().err
    assert re.fullmatch(rf"risk: --port: 127.0.0.1:{port}: [\w ]+: name another\n", error)


def test_prometheus_scrapes_all_that_may_run() -> None:
    settings = parse("flink: {metrics_port: 9400}\nprometheus: {interval_s: 7}", {})
    found = prometheus.configuration(settings)
    assert found["global"] == {
        "scrape_interval": "7s",
        "scrape_timeout": "7s",
        "evaluation_interval": "7s",
    }
    scraped = {
        job["job_name"]: job["static_configs"][0]["targets"] for job in found["scrape_configs"]
    }
    assert scraped == {
        "flink": [f"127.0.0.1:{port}" for port in range(9400, 9409)],
        "risk-exporter": ["127.0.0.1:9260"],
        "risk-generator": ["127.0.0.1:9261"],
    }
    (pattern,) = found["rule_files"]
    assert sorted(Path(pattern).parent.glob(Path(pattern).name)) == RULES


def test_without_prometheus_one_line_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StackError) as caught:
        preflight.check(Home(tmp_path / "data"), ["prometheus"])
    assert str(caught.value) == (
        "prometheus: not found on PATH: install it (Debian: apt-get install prometheus)"
    )


def test_its_ports_have_settings_of_their_own() -> None:
    server = prometheus.create(Settings(), Home(Path("data")))
    assert server.addresses() == [("127.0.0.1", 9090), ("127.0.0.1", 9260)]
