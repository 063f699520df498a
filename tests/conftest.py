"""The embedded servers for tests: each is started when the first test asks for it.

They have ports and a data folder of their own, which is emptied first, and are stopped at the end.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest

from risk.config.settings import Settings, parse
from risk.stack.process import Home
from risk.stack.secrets import with_generated
from risk.stack.up import ALL, down, up
from sinks import registry
from tests import memory_store
from tests.needs import program
from tests.pipeline import Pipeline
from tests.skips import (
    pytest_make_collect_report,
    pytest_runtest_makereport,
    pytest_terminal_summary,
)

__all__ = ["pytest_make_collect_report", "pytest_runtest_makereport", "pytest_terminal_summary"]

ROOT = Path(__file__).resolve().parent.parent
DATA = "build/test-stack"
OF_TODAY = ("test_chaos.py", "test_soak.py")
APART = ("test_demo.py", "test_secure_", "test_closed.py", "test_stack.py")  # on their own servers
# A test is short, and five jobs wait beside it for what comes: C2 never earns what it costs, and
# what waits should wake up seldom, or it takes most of a machine of two cores.
C1 = "-XX:TieredStopAtLevel=1"
OWN_PORTS = f"""
data_dir: {DATA}
kafka: {{port: 29092, controller_port: 29093, java_opts: "{C1}"}}
flink:
  rest_port: 28081
  rpc_port: 26123
  metrics_port: 29250
  checkpoint_interval_ms: 2000
  taskmanager_java_opts: {C1}
scoring: {{batch_ms: 50, quiet_ms: 5000, feedback_delay_ms: 2000}}
delivery: {{batch_ms: 200}}
postgres: {{port: 25433}}
redis: {{port: 26380}}
elasticsearch: {{port: 29200, transport_port: 29300, java_opts: "{C1}"}}
prometheus: {{port: 29090, exporter_port: 29260, generator_port: 29261}}
console: {{port: 28000}}
cases: {{port: 29263}}
api: {{port: 28090, body_timeout_ms: 2000}}
logging: {{format: json}}
"""

Start = Callable[[str], Settings]

# How long an example takes is the machine's doing and that of what else runs on it.
hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")


def _turn(item: pytest.Item) -> int:
    if item.path.name.startswith(APART):
        return 0
    return 3 if item.path.name in OF_TODAY else 1 + ("e2e" in item.path.parts)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that ask for a server, so that `-m "not stack"` leaves them out.

    Those on servers of their own come first, while no others take their part of the machine, and
    end-to-end tests last: whatever ran before, all of it is compared once more then. Last of all
    comes traffic of today: to a job that has seen it, the pipeline's own streams are late.
    """
    items.sort(key=_turn)
    for item in items:
        asked = set(getattr(item, "fixturenames", ()))
        if asked & {*ALL, "start"}:
            item.add_marker("stack")
        if "flink" in asked:
            item.add_marker("flink")


@pytest.fixture(scope="session")
def home() -> Home:
    """The test stack's data folder."""
    return Home(ROOT / DATA)


@pytest.fixture(scope="session")
def _own_settings() -> Settings:
    """The settings of the test stack; the environment may set all but the data folder."""
    kept = {k: v for k, v in os.environ.items() if k not in ("RISK_SETTINGS_FILE", "RISK_DATA_DIR")}
    return parse(OWN_PORTS, kept, "tests/conftest.py")


@pytest.fixture(scope="session")
def _fresh(home: Home, _own_settings: Settings) -> Iterator[list[str]]:
    """An empty test stack that is this session's alone; collects the names of what is started."""
    started: list[str] = []
    home.path.parent.mkdir(parents=True, exist_ok=True)
    with home.path.with_suffix(".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # another session of the same checkout goes first
        if home.path.exists():
            left = [name for name in ALL if any(home.run.glob(f"{name}*.pid"))]
            down(_own_settings, home, left)
            shutil.rmtree(home.path)
        yield started
        down(_own_settings, home, started)


@pytest.fixture(scope="session")
def settings(home: Home, _own_settings: Settings, _fresh: list[str]) -> Settings:
    """The settings of the test stack, with passwords. Nothing is started."""
    return with_generated(_own_settings, home)


@pytest.fixture(scope="session")
def start(home: Home, settings: Settings, _fresh: list[str]) -> Start:
    """Start a server by name unless it runs: also again, after a test has killed it."""

    def started(name: str) -> Settings:
        if name not in _fresh:
            _fresh.append(name)
        up(settings, home, [name])
        return settings

    return started


@pytest.fixture(scope="session")
def kafka(start: Start) -> Settings:
    """Kafka is up, with its topics."""
    return start("kafka")


@pytest.fixture(scope="session")
def postgres(start: Start) -> Settings:
    """Postgres is up, with an empty database."""
    return start("postgres")


@pytest.fixture(scope="session")
def redis(start: Start) -> Settings:
    """Redis is up."""
    return start("redis")


@pytest.fixture(scope="session")
def elasticsearch(start: Start) -> Settings:
    """Elasticsearch is up."""
    return start("elasticsearch")


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The tests' own store is one of the product's, by a line in the registry. It has no server."""
    monkeypatch.setattr(registry, "STORES", (*registry.STORES, memory_store.ENTRY))
    return Settings()


@pytest.fixture(scope="session")
def flink(start: Start) -> Settings:
    """The Flink session cluster is up."""
    return start("flink")


@pytest.fixture(scope="session")
def prometheus(start: Start) -> Settings:
    """Prometheus is up, and the exporter; skips where Prometheus is not installed."""
    program("prometheus")
    return start("prometheus")


@pytest.fixture(scope="session")
def pipeline(
    home: Home,
    kafka: Settings,
    postgres: Settings,
    redis: Settings,
    elasticsearch: Settings,
    flink: Settings,
) -> Pipeline:
    """Scoring and all deliveries run, on all servers."""
    found = Pipeline(flink, home)
    found.start()
    return found
