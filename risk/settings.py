"""The one settings file, as types. Parsing is pure: the caller reads the file and environment.

Each value can be overridden by an environment variable: `RISK_KAFKA__PORT=9192` for kafka.port.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import msgspec
import yaml
from msgspec.structs import replace

from risk.section import ENV_PREFIX as ENV_PREFIX
from risk.section import Section, override
from risk.section import SettingsError as SettingsError

Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
Positive = Annotated[int, msgspec.Meta(ge=1)]
Millis = Annotated[int, msgspec.Meta(ge=0)]

PORT_STEP = 2  # from one embedded broker's ports to the next one's


class Kafka(Section, frozen=True):
    """The broker, or `brokers` of them. `bootstrap` names others than the embedded ones.

    With 3 or more brokers each record is on three, and counts as written once two have it. The
    embedded ones listen on `port`, `port + 2`, …, likewise their controllers.
    """

    host: str = "127.0.0.1"
    port: Port = 9092
    controller_port: Port = 9093
    brokers: Annotated[int, msgspec.Meta(ge=1, le=9)] = 1
    bootstrap: str | None = None
    partitions: Positive = 4
    heap_mb: Positive = 384
    java_opts: str = ""  # more for the embedded brokers' JVMs
    max_record_bytes: Positive = 2_097_152
    security_protocol: str = "PLAINTEXT"
    sasl_mechanism: str | None = None
    sasl_username: str | None = None
    sasl_password: str | None = None
    ssl_ca_location: str | None = None

    @property
    def servers(self) -> str:
        """The bootstrap servers, comma-separated."""
        embedded = (f"{self.host}:{self.port + PORT_STEP * n}" for n in range(self.brokers))
        return self.bootstrap or ",".join(embedded)

    @property
    def replicas(self) -> int:
        """On how many brokers each partition is."""
        return min(3, self.brokers)

    @property
    def in_sync(self) -> int:
        """How many of them must have a record before it counts as written."""
        return max(1, self.replicas - 1)


class Flink(Section, frozen=True):
    """The session cluster. One slot a TaskManager, so that each job has an interpreter alone."""

    host: str = "127.0.0.1"
    rest_port: Port = 8081
    rpc_port: Port = 6123
    metrics_port: Port = 9250  # the first of as many as there are processes
    jobmanager_mb: Positive = 768
    taskmanager_mb: Positive = 1024
    taskmanager_java_opts: str | None = None  # default: LATE_C2 of stack/flink_config.py
    checkpoint_interval_ms: Positive = 5_000
    checkpoint_dir: str | None = None  # default: in the data folder

    @property
    def url(self) -> str:
        """The REST address."""
        return f"http://{self.host}:{self.rest_port}"


class Postgres(Section, frozen=True):
    """Postgres. Without a password the embedded server makes one and keeps it in its folder."""

    host: str = "127.0.0.1"
    port: Port = 5433
    database: str = "risk"
    user: str = "risk"
    password: str | None = None
    sslmode: str = "prefer"


class Redis(Section, frozen=True):
    """Redis, or Valkey."""

    host: str = "127.0.0.1"
    port: Port = 6380
    database: Annotated[int, msgspec.Meta(ge=0)] = 0
    username: str | None = None
    password: str | None = None
    tls: bool = False
    ca_location: str | None = None
    ttl_s: Positive = 86_400


class Elasticsearch(Section, frozen=True):
    """Elasticsearch. `index_prefix-YYYY.MM` holds a month of event time."""

    host: str = "127.0.0.1"
    port: Port = 9200
    transport_port: Port = 9300
    username: str | None = None
    password: str | None = None
    tls: bool = False
    ca_location: str | None = None
    index_prefix: str = "risk-scores"
    heap_mb: Positive = 512
    java_opts: str = ""  # more for the embedded node's JVM

    @property
    def url(self) -> str:
        """The HTTP address."""
        return f"{'https' if self.tls else 'http'}://{self.host}:{self.port}"


class Prometheus(Section, frozen=True):
    """Prometheus, which is optional, and what it scrapes: `risk exporter`, `risk generate`."""

    host: str = "127.0.0.1"
    port: Port = 9090
    exporter_port: Port = 9260
    generator_port: Port = 9261
    retention_days: Positive = 7
    interval_s: Positive = 5

    @property
    def url(self) -> str:
        """The HTTP address."""
        return f"http://{self.host}:{self.port}"


class Topics(Section, frozen=True):
    """The names of the topics."""

    transactions: str = "risk.transactions"
    scores: str = "risk.scores"
    alerts: str = "risk.alerts"
    late: str = "risk.late"
    dlq: str = "risk.dlq"
    labels: str = "risk.labels"


class Scoring(Section, frozen=True):
    """The scoring job."""

    ruleset: str = "default"
    shards: Positive = 4  # of the sharded placement: the most that its parallelism can be
    batch_ms: Positive = 10
    exchange_ms: Positive = 10  # how long the sharded placement gathers between its operators
    lateness_ms: Millis = 30_000
    future_ms: Millis = 300_000
    # For so long, past its partition's mark, a payment is remembered so that its copies are known.
    dedup_ms: Annotated[int, msgspec.Meta(ge=0, le=86_400_000)] = 600_000
    idle_ms: Positive = 5_000  # a partition silent for so long doesn't hold the frontier
    huge_pages: bool = True  # for what the stages hold, where the kernel can
    niceness: Annotated[int, msgspec.Meta(ge=-20, le=19)] = -10  # of scoring, where it may


class Delivery(Section, frozen=True):
    """The delivery jobs."""

    batch_ms: Positive = 50
    retry_min_ms: Positive = 100
    retry_max_ms: Positive = 10_000
    give_up_ms: Positive = 60_000  # then Flink restarts the job, which tries again


class Settings(Section, frozen=True):
    """All of it. `data_dir` is where the embedded stack keeps its data and logs."""

    data_dir: str = ".stack"
    kafka: Kafka = Kafka()
    flink: Flink = Flink()
    postgres: Postgres = Postgres()
    redis: Redis = Redis()
    elasticsearch: Elasticsearch = Elasticsearch()
    prometheus: Prometheus = Prometheus()
    topics: Topics = Topics()
    scoring: Scoring = Scoring()
    delivery: Delivery = Delivery()


def parse(text: str, environment: Mapping[str, str], name: str = "risk.yaml") -> Settings:
    """Settings from the text of a settings file and the environment, which wins.

    Raises `SettingsError`, which names the field, where it was set and what is wrong with it.
    """
    try:
        tree = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        raise SettingsError(f"{name}{at}: not YAML: {getattr(error, 'problem', error)}") from None
    if not isinstance(tree, dict):
        raise SettingsError(f"{name}: not a mapping of sections to values")
    origin = override(tree, environment, Settings)
    try:
        return msgspec.convert(tree, Settings)
    except msgspec.ValidationError as error:
        what, _, path = str(error).partition(" - at `$.")
        path = path.rstrip("`")
        where = origin.get(path, name)
        raise SettingsError(f"{where}: {path + ': ' if path else ''}{what}") from None


def to_environment(settings: Settings) -> dict[str, str]:
    """The settings as environment variables: `parse("", to_environment(s)) == s`."""
    found: dict[str, str] = {}
    for section, value in msgspec.to_builtins(settings).items():
        if not isinstance(value, dict):
            found[ENV_PREFIX + section.upper()] = str(value)
            continue
        for field, scalar in value.items():
            if scalar is not None:
                found[f"{ENV_PREFIX}{section}__{field}".upper()] = str(scalar)
    return found


def without_secrets(settings: Settings) -> Settings:
    """The settings as they may travel in a job graph."""
    return replace(
        settings,
        kafka=replace(settings.kafka, sasl_password=None),
        postgres=replace(settings.postgres, password=None),
        redis=replace(settings.redis, password=None),
        elasticsearch=replace(settings.elasticsearch, password=None),
    )


def with_secrets(settings: Settings, environment: Mapping[str, str]) -> Settings:
    """The settings with the passwords of this process's environment, where it has any."""

    def secret(name: str, otherwise: str | None) -> str | None:
        return environment.get(ENV_PREFIX + name, otherwise)

    kafka, postgres = settings.kafka, settings.postgres
    redis, search = settings.redis, settings.elasticsearch
    return replace(
        settings,
        kafka=replace(kafka, sasl_password=secret("KAFKA__SASL_PASSWORD", kafka.sasl_password)),
        postgres=replace(postgres, password=secret("POSTGRES__PASSWORD", postgres.password)),
        redis=replace(redis, password=secret("REDIS__PASSWORD", redis.password)),
        elasticsearch=replace(search, password=secret("ELASTICSEARCH__PASSWORD", search.password)),
    )
