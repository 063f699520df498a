"""The one settings file, as types. Parsing is pure: the caller reads the file and environment.

Each value can be overridden by an environment variable named after its path, for example
`RISK_KAFKA__PORT=9192` for `kafka.port`.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import yaml
from msgspec.structs import replace

from risk.config.delivery import Delivery as Delivery
from risk.config.elasticsearch import Elasticsearch as Elasticsearch
from risk.config.flink import Flink as Flink
from risk.config.kafka import PORT_STEP as PORT_STEP
from risk.config.kafka import Kafka as Kafka
from risk.config.postgres import Postgres as Postgres
from risk.config.prometheus import Prometheus as Prometheus
from risk.config.redis import Redis as Redis
from risk.config.scoring import Scoring as Scoring
from risk.config.section import ENV_PREFIX as ENV_PREFIX
from risk.config.section import Section, override
from risk.config.section import SettingsError as SettingsError
from risk.config.topics import Topics as Topics


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
