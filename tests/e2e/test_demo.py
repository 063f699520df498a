"""`risk demo`, as a newcomer runs it, with a crash in its middle: nothing is lost, all adds up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from risk.config.settings import Settings, parse
from risk.stack.process import Home
from risk.stack.up import down, status
from sinks import registry
from tests.conftest import C1
from tests.pipeline import risk

RATE, SECONDS = 100, 20
# A stack of its own, beside the other tests': the demo starts all there is, and stops it.
PORTS = f"""
kafka: {{port: 29192, controller_port: 29193, java_opts: "{C1}"}}
flink:
  rest_port: 28181
  rpc_port: 26223
  metrics_port: 29350
  checkpoint_interval_ms: 2000
  taskmanager_java_opts: {C1}
postgres: {{port: 25533}}
redis: {{port: 26480}}
elasticsearch: {{port: 29400, transport_port: 29500, java_opts: "{C1}"}}
"""


@pytest.fixture
def apart(tmp_path: Path) -> Iterator[Settings]:
    tmp_path.chmod(0o755)
    settings = parse(PORTS, {"RISK_DATA_DIR": str(tmp_path / "data")})
    try:
        yield settings
    finally:
        down(settings, Home(Path(settings.data_dir)), say=lambda line: None)


@pytest.mark.stack
@pytest.mark.flink
def test_a_killed_taskmanager_loses_nothing(apart: Settings) -> None:
    flags = ("--rate", str(RATE), "--duration", str(SECONDS), "--chaos")
    done = risk(apart, "demo", "--json", *flags)
    assert done.returncode == 0, done.stdout + done.stderr[-4_000:]
    summary = json.loads(done.stdout)
    outcomes = [summary[name] for name in ("scored", "duplicate", "late", "rejected")]
    assert summary["sent"] == summary["read"] == sum(outcomes)
    assert summary["sent"] >= RATE * SECONDS
    assert summary["chaos"]["recovered_s"] > 0
    flagged = summary["decisions"]["REVIEW"] + summary["decisions"]["BLOCK"]
    assert sum(summary["decisions"].values()) == summary["scored"]
    for store in summary["stores"].values():
        assert (store["scores"], store["flagged"]) == (summary["scored"], flagged)
    assert set(summary["stores"]) == set(registry.names())
    assert set(summary["latency_ms"]) == {*summary["stores"], apart.topics.scores}
    quality = summary["quality"]
    assert sum(attack["flagged"] for attack in quality["attacks"].values()) > 0
    assert quality["easy"]["flagged"] > quality["easy"]["payments"] / 2
    assert summary["verified"]["mismatches"] == 0
    assert summary["ok"]
    servers = status(apart, Home(Path(apart.data_dir)))
    assert {server.state for server in servers} == {"down"}
