"""docker-compose.yml: Compose takes it, and it agrees with the code that it runs.

No container engine is needed. That the comparison with the code finds something is shown by giving
it files in which one side was changed.
"""

from __future__ import annotations

import copy
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from risk.config.settings import parse
from risk.container import flink
from tests import compose as agreement
from tests import compose_safety as safety
from tests.compose import ROOT, Compose, compose, read
from tests.needs import compose as compose_command
from tests.needs import program


def problems(found: Compose) -> list[str]:
    """Everything that is wrong with it."""
    checks = (*agreement.CHECKS, *safety.CHECKS)
    return [problem for check in checks for problem in check(found["services"])]


def test_compose_agrees_with_the_code() -> None:
    assert problems(compose()) == []


def put(value: Any, *path: str) -> Callable[[Compose], None]:
    """Set what is at a path of the services."""

    def change(found: Compose) -> None:
        node: Any = found["services"]
        for key in path[:-1]:
            node = node[key]
        node[path[-1]] = value

    return change


ENV = "environment"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (put("apache/kafka:4.3.0", "kafka-2", "image"), "the tests run with 4.3.1"),
        (put("postgres:17.6", "postgres", "image"), "the tests run with 18.6"),
        (put("risk-engine:0.2.0", "jobs", "image"), "the tests run with 0.1.0"),
        (put("grafana/grafana", "grafana", "image"), "has no version"),
        (put(["127.0.0.1:5432:5432"], "postgres", "ports"), "not 5433 for 5432"),
        (put(["0.0.0.0:3000:3000"], "grafana", "ports"), "open to other machines"),
        (put("6380", "jobs", ENV, "RISK_REDIS__PORT"), "redis is not at redis:6380"),
        (put("flink", "jobs", ENV, "RISK_FLINK__HOST"), "the JobManager is not at flink"),
        (put("kafka-1:9092", "provision", ENV, "RISK_KAFKA__BOOTSTRAP"), "not the 3 brokers"),
        (put("x", "jobs", ENV, "RISK_KAFKA__BROKRES"), "unknown field `brokres`"),
        (put([], "jobs", "volumes"), "which is on no volume"),
        (put("1", "kafka-3", ENV, "KAFKA_MIN_INSYNC_REPLICAS"), "is 1, embedded it is 2"),
        (put("1", "kafka-1", ENV, "KAFKA_LOG_RETENTION_HOURS"), "embedded it is None"),
        (
            put("HOST://127.0.0.1:9095", "kafka-3", ENV, "KAFKA_ADVERTISED_LISTENERS"),
            "clients are sent to HOST",
        ),
        (put(["kafka-2:/var/lib/kafka/data"], "kafka-1", "volumes"), "on a volume of its own"),
        (put(["postgres:/var/lib/postgresql/data"], "postgres", "volumes"), "from version 18 on"),
        (put(3, "taskmanager", "deploy", "replicas"), "not one for each of 5 jobs"),
        (put("1g", "taskmanager", "deploy", "resources", "limits", "memory"), "may take 1g"),
        (put(["risk", "migrate", "--all"], "migrate", "command"), "unrecognized arguments: --all"),
        (put(["sh", "-c", "exec risk generat"], "bank-south", "command"), "invalid choice"),
        (
            put(["python", "-m", "risk.container.flink", "worker"], "taskmanager", "command"),
            "no such module or argument",
        ),
        (put("hunter2", "postgres", ENV, "POSTGRES_PASSWORD"), "POSTGRES_PASSWORD is written out"),
        (put("${REDIS_PASSWORD:-redis}", "redis", ENV, "REDISCLI_AUTH"), "has a default"),
        (put("${OTHER:?is not set}", "redis", ENV, "REDISCLI_AUTH"), "OTHER: not in both"),
        (put({}, "postgres", "healthcheck"), "postgres: no health check"),
        (put(["CMD", "true"], "exporter", "healthcheck", "test"), "exporter: its health is not"),
        (put({}, "postgres", "deploy"), "postgres: no limits"),
        (put("root", "redis", "user"), "redis: is root"),
        (put([], "jobs", "security_opt"), "jobs: may gain privileges"),
        (put({}, "kibana", "logging"), "kibana: its log grows"),
        (put(["./docker/kibana:/import"], "kibana-import", "volumes"), "may be written to"),
        (put(["9251"], "taskmanager", "expose"), "taskmanager:9251 is not both exposed and"),
    ],
)
def test_a_change_on_one_side_is_found(change: Callable[[Compose], None], words: str) -> None:
    changed = copy.deepcopy(compose())
    change(changed)
    found = problems(changed)
    assert any(re.search(words, problem) for problem in found), found


def test_a_processs_options_are_for_its_container() -> None:
    own = parse("flink: {checkpoint_dir: 'file:///state/checkpoints'}", {})
    assert flink.options("taskmanager", own, "10.0.0.7") == {
        "execution.checkpointing.savepoint-dir": "file:///state/savepoints",
        "taskmanager.bind-host": "0.0.0.0",
        "taskmanager.host": "10.0.0.7",
    }
    assert flink.options("jobmanager", own, "10.0.0.7")["rest.bind-address"] == "0.0.0.0"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"KIBANA_PASSWORD": 'say "hi"'}, "setup: KIBANA_PASSWORD: use letters, digits, - and _\n"),
        ({"ELASTIC_PASSWORD": ""}, "setup: ELASTIC_PASSWORD is not set\n"),
    ],
)
def test_setup_says_what_is_wrong(change: dict[str, str], said: str) -> None:
    names = ("ELASTIC_PASSWORD", "KIBANA_PASSWORD", "RISK_ELASTICSEARCH__PASSWORD")
    environment = {"PATH": os.environ["PATH"], **dict.fromkeys(names, "x-1"), **change}
    script = ROOT / "docker" / "elasticsearch" / "setup.sh"
    done = subprocess.run(
        ("sh", script), env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said)


@pytest.fixture(scope="module")
def passwords(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """.env as docker/.env.example says how to make it."""
    program("openssl")
    folder = tmp_path_factory.mktemp("env")
    (folder / "docker").mkdir()
    shutil.copy(ROOT / "docker" / ".env.example", folder / "docker")
    lines = read("docker/.env.example").splitlines()
    recipe = next(line for line in lines if "openssl" in line).removeprefix("#").strip()
    subprocess.run(("sh", "-c", recipe), cwd=folder, check=True)
    made = folder / ".env"
    assert made.stat().st_mode & 0o077 == 0
    values = [
        line.split("=", 1)[1] for line in made.read_text().splitlines() if line[:1] not in "#"
    ]
    assert len(set(values)) == len(values) >= 7
    assert min(map(len, values)) >= 32
    return made


def config(profile: str, env_file: Path) -> subprocess.CompletedProcess[str]:
    command = (*compose_command(), "--env-file", str(env_file), "--profile", profile, "config")
    clean = {name: value for name, value in os.environ.items() if "PASSWORD" not in name}
    return subprocess.run(command, cwd=ROOT, env=clean, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("profile", ["core", "monitoring", "full"])
def test_compose_itself_takes_the_file(profile: str, passwords: Path) -> None:
    done = config(profile, passwords)
    assert done.returncode == 0, done.stderr
    assert "kafka-controller" in yaml.safe_load(done.stdout)["services"]


def test_compose_itself_refuses_a_missing_password(passwords: Path, tmp_path: Path) -> None:
    some = [line for line in passwords.read_text().splitlines() if "REDIS" not in line]
    (tmp_path / "env").write_text("\n".join(some))
    done = config("core", tmp_path / "env")
    assert done.returncode != 0
    assert "docker/.env.example" in done.stderr
