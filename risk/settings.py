"""The one settings file, as types. Parsing is pure: the caller reads the file and environment.

Each value can be overridden by an environment variable named after its path, for example
`RISK_KAFKA__PORT=9192` for `kafka.port`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
import yaml

ENV_PREFIX = "RISK_"

Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
Positive = Annotated[int, msgspec.Meta(ge=1)]
Millis = Annotated[int, msgspec.Meta(ge=0)]


class SettingsError(Exception):
    """A setting is wrong: the message names it, where it stands and what it may be."""


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A part of the settings file."""


class Kafka(Section, frozen=True):
    """The broker. `bootstrap` names other brokers than the embedded one at `host:port`."""

    host: str = "127.0.0.1"
    port: Port = 9092
    controller_port: Port = 9093
    bootstrap: str | None = None
    partitions: Positive = 4
    heap_mb: Positive = 384
    max_record_bytes: Positive = 2_097_152
    security_protocol: str = "PLAINTEXT"
    sasl_mechanism: str | None = None
    sasl_username: str | None = None
    sasl_password: str | None = None
    ssl_ca_location: str | None = None

    @property
    def servers(self) -> str:
        """The bootstrap servers, comma-separated."""
        return self.bootstrap or f"{self.host}:{self.port}"


class Flink(Section, frozen=True):
    """The session cluster. One slot a TaskManager, so that each job has an interpreter alone."""

    host: str = "127.0.0.1"
    rest_port: Port = 8081
    rpc_port: Port = 6123
    metrics_port: Port = 9250  # the first of as many as there are processes
    jobmanager_mb: Positive = 768
    taskmanager_mb: Positive = 1024
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

    @property
    def url(self) -> str:
        """The HTTP address."""
        return f"{'https' if self.tls else 'http'}://{self.host}:{self.port}"


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
    shards: Positive = 1
    batch_ms: Positive = 10
    lateness_ms: Millis = 30_000
    future_ms: Millis = 300_000
    idle_ms: Positive = 5_000  # a partition silent for so long doesn't hold the frontier


class Delivery(Section, frozen=True):
    """The delivery jobs."""

    batch_ms: Positive = 50
    retry_min_ms: Positive = 100
    retry_max_ms: Positive = 10_000


class Settings(Section, frozen=True):
    """All of it. `data_dir` is where the embedded stack keeps its data and logs."""

    data_dir: str = ".stack"
    kafka: Kafka = Kafka()
    flink: Flink = Flink()
    postgres: Postgres = Postgres()
    redis: Redis = Redis()
    elasticsearch: Elasticsearch = Elasticsearch()
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
    origin = _override(tree, environment)
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


def _override(tree: dict[str, Any], environment: Mapping[str, str]) -> dict[str, str]:
    """Set what the environment sets; return which variable set which path."""
    origin: dict[str, str] = {}
    for variable, text in environment.items():
        if not variable.startswith(ENV_PREFIX):
            continue
        path = variable.removeprefix(ENV_PREFIX).lower().split("__")
        node: Any = tree
        for part in path[:-1]:
            node = node.setdefault(part, {})
            if not isinstance(node, dict):
                raise SettingsError(f"{variable}: {part} is not a section")
        node[path[-1]] = _scalar(path, text)
        origin[".".join(path)] = variable
    return origin


def _scalar(path: list[str], text: str) -> Any:
    """Text of the environment as the type of its field, where it can be; else left as text."""
    section: Any = Settings
    for part in path[:-1]:
        section = next(
            (f.type for f in msgspec.structs.fields(section) if f.encode_name == part), None
        )
        if not (isinstance(section, type) and issubclass(section, Section)):
            return text
    field = next((f for f in msgspec.structs.fields(section) if f.encode_name == path[-1]), None)
    if field is None:
        return text
    try:
        return msgspec.convert(text, field.type, strict=False)
    except msgspec.ValidationError:
        return text


def without_secrets(settings: Settings) -> Settings:
    """The settings as they may travel in a job graph."""
    replace = msgspec.structs.replace
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

    replace = msgspec.structs.replace
    kafka, postgres = settings.kafka, settings.postgres
    redis, search = settings.redis, settings.elasticsearch
    return replace(
        settings,
        kafka=replace(kafka, sasl_password=secret("KAFKA__SASL_PASSWORD", kafka.sasl_password)),
        postgres=replace(postgres, password=secret("POSTGRES__PASSWORD", postgres.password)),
        redis=replace(redis, password=secret("REDIS__PASSWORD", redis.password)),
        elasticsearch=replace(search, password=secret("ELASTICSEARCH__PASSWORD", search.password)),
    )
