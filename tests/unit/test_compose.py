"""docker-compose.yml and the image's Dockerfile, held to the code they run.

No container engine is needed: what they say is compared with what the code says. That this finds
something is shown by giving it files in which one side was changed.
"""

from __future__ import annotations

import copy
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from risk.config.settings import parse
from risk.container import flink
from risk.stack import flink_config
from risk.stack.process import Home
from tests.compose import ROOT, Compose, compose, dockerfile, problems, read
from tests.needs import compose as compose_command
from tests.needs import program

IMAGE = read("docker/Dockerfile")


def test_compose_agrees_with_the_code() -> None:
    assert problems(compose()) == []


def test_the_image_is_built_as_it_should_be() -> None:
    assert list(dockerfile(IMAGE)) == []


def put(value: Any, *path: str) -> Callable[[Compose], None]:
    """Set what is at a path of the services."""

    def change(found: Compose) -> None:
        node: Any = found["services"]
        for key in path[:-1]:
            node = node[key]
        node[path[-1]] = value

    return change


def removed(*path: str) -> Callable[[Compose], None]:
    def change(found: Compose) -> None:
        node: Any = found["services"]
        for key in path[:-1]:
            node = node[key]
        del node[path[-1]]

    return change


ENV = "environment"
BROKERS = "kafka-1:9092,kafka-2:9092,kafka-3:9092"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        # versions
        (put("apache/kafka:4.3.0", "kafka-2", "image"), "the tests run with 4.3.1"),
        (put("apache/kafka:latest", "kafka-2", "image"), "has no version"),
        (put("elasticsearch:8.19.20", "elasticsearch", "image"), "the tests run with 8.19.21"),
        (put("kibana:8.18.0", "kibana", "image"), "the tests run with 8.19.21"),
        (put("postgres:17.6", "postgres", "image"), "the tests run with 18.6"),
        (put("valkey/valkey:8.1.0", "redis", "image"), r"the tests run with 9\.1\.\*"),
        (put("risk-engine:0.2.0", "jobs", "image"), "the tests run with 0.1.0"),
        (put("grafana/grafana", "grafana", "image"), "has no version"),
        # ports
        (put(["127.0.0.1:5432:5432"], "postgres", "ports"), "not 5433 for 5432"),
        (put(["127.0.0.1:9095:19092"], "kafka-2", "ports"), "not 9094 for 19092"),
        (put(["0.0.0.0:9200:9200"], "elasticsearch", "ports"), "open to other machines"),
        (put("6380", "jobs", ENV, "RISK_REDIS__PORT"), "redis is not at redis:6380"),
        (put("5433", "migrate", ENV, "RISK_POSTGRES__PORT"), "postgres is not at postgres:5433"),
        (put("database", "jobs", ENV, "RISK_POSTGRES__HOST"), "postgres is not at database"),
        (put("flink", "jobs", ENV, "RISK_FLINK__HOST"), "the JobManager is not at flink"),
        (put(["9251"], "taskmanager", "expose"), r"taskmanager: exposes .'9251'., not .9250."),
        (put(["9261"], "exporter", "expose"), "exporter: exposes"),
        (
            put(["CMD", "nc", "-z", "kafka-1", "9093"], "kafka-1", "healthcheck", "test"),
            "kafka-1: its health is not asked at 9092",
        ),
        (
            put(
                BROKERS.replace("kafka-2:9092", "kafka-2:9094"),
                "jobs",
                ENV,
                "RISK_KAFKA__BOOTSTRAP",
            ),
            "no broker listens on kafka-2:9094",
        ),
        (
            put("kafka-1:9092", "provision", ENV, "RISK_KAFKA__BOOTSTRAP"),
            "names 1, not 3 brokers",
        ),
        (
            put(
                "PLAINTEXT://kafka-3:9092,HOST://127.0.0.1:9095",
                "kafka-3",
                ENV,
                "KAFKA_ADVERTISED_LISTENERS",
            ),
            r"this machine is sent to .*9095, not 127\.0\.0\.1:9096",
        ),
        # settings
        (put("x", "jobs", ENV, "RISK_KAFKA__BROKRES"), "unknown field `brokres`"),
        (put("many", "jobs", ENV, "RISK_KAFKA__BROKERS"), r"RISK_KAFKA__BROKERS: kafka\.brokers"),
        (put("2", "kafka-1", ENV, "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR"), "kafka-1: offsets"),
        (put("1", "kafka-3", ENV, "KAFKA_MIN_INSYNC_REPLICAS"), "the embedded broker has 2"),
        (put("8", "kafka-1", ENV, "KAFKA_NUM_PARTITIONS"), "num.partitions is 8"),
        (put("1048576", "kafka-2", ENV, "KAFKA_MESSAGE_MAX_BYTES"), "message.max.bytes is 1048576"),
        (put("1", "kafka-1", ENV, "KAFKA_LOG_RETENTION_HOURS"), "not told to the embedded"),
        (put("2", "kafka-1", ENV, "KAFKA_NODE_ID"), "node ids"),
        (put("-Xmx1g", "kafka-1", ENV, "KAFKA_HEAP_OPTS"), "not kafka.heap_mb = 384"),
        (put("-Xms1g -Xmx1g", "elasticsearch", ENV, "ES_JAVA_OPTS"), "not elasticsearch.heap_mb"),
        (put("bank", "postgres", ENV, "POSTGRES_DB"), "POSTGRES_DB is not risk"),
        (put(["postgres:/var/lib/postgresql/data"], "postgres", "volumes"), "from version 18 on"),
        # commands
        (put(["risk", "migrat"], "migrate", "command"), "invalid choice: 'migrat'"),
        (put(["risk", "migrate", "--all"], "migrate", "command"), "unrecognized arguments: --all"),
        (put(["risk", "exporter", "--port", "9300"], "exporter", "command"), "serves 9300"),
        (
            put(["sh", "-c", "exec risk generate --sed 1"], "bank-south", "command"),
            "bank-south: .*unrecognized|ambiguous|invalid",
        ),
        (
            put(["python", "-m", "risk.container.flink", "worker"], "taskmanager", "command"),
            "no such module or argument",
        ),
        # what holds it together
        (put(3, "taskmanager", "deploy", "replicas"), "3 for 4 jobs"),
        (put("1g", "taskmanager", "deploy", "resources", "limits", "memory"), "may take 1g"),
        (removed("postgres", "deploy"), "postgres: no limits"),
        (removed("postgres", "healthcheck"), "migrate: waits for the health of postgres"),
        (put({"condition": "service_started"}, "migrate", "depends_on", "postgres"), "not wait"),
        (put(["full"], "postgres", "profiles"), "migrate: depends on postgres, which is not in"),
        (put(["core"], "redis", "profiles"), "redis: profiles"),
        (removed("migrate"), "jobs: depends on migrate, which there is not"),
        (
            put({"condition": "service_completed_successfully"}, "jobs", "depends_on", "redis"),
            "waits for the end of redis, which runs on",
        ),
        (put([], "jobs", "volumes"), "which is on no volume"),
        (put(["data:/data"], "redis", "volumes"), "volume data is not declared"),
        (put(["./docker/kibana:/import"], "kibana-import", "volumes"), "may write to"),
        (put(["./docker/kibanas:/import:ro"], "kibana-import", "volumes"), "which there is not"),
        # secrets
        (put("hunter2", "postgres", ENV, "POSTGRES_PASSWORD"), "POSTGRES_PASSWORD is written out"),
        (put("${REDIS_PASSWORD:-redis}", "redis", ENV, "REDISCLI_AUTH"), "has a default"),
        (put("${OTHER:?is not set}", "redis", ENV, "REDISCLI_AUTH"), "OTHER: not in both"),
        (put("root", "redis", "user"), "redis: is root"),
        (put([], "jobs", "security_opt"), "jobs: may gain privileges"),
    ],
)
def test_a_change_on_one_side_is_found(change: Callable[[Compose], None], words: str) -> None:
    changed = copy.deepcopy(compose())
    change(changed)
    found = problems(changed)
    assert any(re.search(words, problem) for problem in found), found


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("FROM python:3.11.14-slim-bookworm\n", "FROM python:3.11-slim\n", "no version"),
        ("FROM python:3.11.14-slim-bookworm\n", "FROM python:latest\n", "no version"),
        ("python:3.11.14", "python:3.12.1", "Python 3.12, not 3.11"),
        ("openjdk-17", "openjdk-21", "Java 21, not 17"),
        ("eclipse-temurin-17", "eclipse-temurin-21", "Java 21, not 17"),
        ("dependency:copy@flink", "dependency:copy@kafka", "the connector is not what pom.xml"),
        (" --no-install-recommends", "", "without --no-install-recommends"),
        (" && rm -rf /var/lib/apt/lists/* \\\n", " \\\n", "the lists are not of this layer"),
        ("USER risk\n", "", "runs as root"),
        ("USER risk\n", "USER root\n", "runs as root"),
        ("COPY rules rules\n", "ADD rules rules\n", "use COPY"),
        ("COPY rules rules\n", "COPY . .\n", r"COPY \.:"),
        ("COPY sinks sinks\n", "", "sinks: not in the image"),
        ("--require-hashes ", "", "not from the lock"),
        (" --no-cache-dir --require", " --require", "its cache stays"),
        ("PYTHONUNBUFFERED=1", "REDIS_PASSWORD=x", "a secret stays in the image"),
        ('CMD ["risk", "--help"]', "CMD risk --help", "not in the form of a list"),
    ],
)
def test_a_fault_of_the_image_is_found(before: str, after: str, words: str) -> None:
    assert before in IMAGE
    found = list(dockerfile(IMAGE.replace(before, after)))
    assert any(re.search(words, problem) for problem in found), found


def test_what_the_image_is_built_from_is_not_held_back() -> None:
    kept = {
        line.removeprefix("!") for line in read(".dockerignore").splitlines() if line[:1] == "!"
    }
    copied = {
        source.split("/")[0]
        for line in IMAGE.splitlines()
        if line.startswith("COPY ") and "--from" not in line
        for source in line.split()[1:-1]
    }
    assert copied == kept
    assert read(".dockerignore").splitlines()[1] == "*"
    assert "**/.env" in read(".dockerignore")


def test_flink_by_hand_has_the_environment_of_the_launcher(tmp_path: Path) -> None:
    flat = re.sub(r"\\\n\s*", "", IMAGE)
    said = dict(re.findall(r"\b(FLINK_\w+)=(\S+)", flat))
    said = {name: value.replace("$FLINK_HOME", said["FLINK_HOME"]) for name, value in said.items()}
    own = flink_config.environment(Home(tmp_path))
    home = str(flink_config.distribution())
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    assert said["FLINK_HOME"] == f"/opt/venv/lib/{version}/site-packages/pyflink"
    for name, value in said.items():
        here = own[name].replace(home, said["FLINK_HOME"])
        assert value == here.replace(str(tmp_path), "/var/lib/risk"), name


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
