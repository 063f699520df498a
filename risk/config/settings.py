"""The one settings file, as types. Parsing is pure: the caller reads the file and environment.

Each value can be overridden by an environment variable: `RISK_KAFKA__PORT=9192` for kafka.port.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import msgspec
from msgspec.structs import replace

from risk.config.api import Api as Api
from risk.config.cases import Cases as Cases
from risk.config.checks import choices, first, fits_of, with_home
from risk.config.console import Console as Console
from risk.config.delivery import Delivery as Delivery
from risk.config.elasticsearch import Elasticsearch as Elasticsearch
from risk.config.flink import Flink as Flink
from risk.config.kafka import PORT_STEP as PORT_STEP
from risk.config.kafka import Kafka as Kafka
from risk.config.logging import Logging as Logging
from risk.config.outbox import Outbox as Outbox
from risk.config.postgres import Postgres as Postgres
from risk.config.privacy import Privacy as Privacy
from risk.config.prometheus import Prometheus as Prometheus
from risk.config.redis import Redis as Redis
from risk.config.scoring import Scoring as Scoring
from risk.config.section import ENV_PREFIX as ENV_PREFIX
from risk.config.section import Section, fields_of, override
from risk.config.section import SettingsError as SettingsError
from risk.config.strict_yaml import YamlFault, read_mapping
from risk.config.topics import Topics as Topics
from risk.config.types import Folder


class Settings(Section, frozen=True):
    """All of it. `data_dir` is where the embedded stack keeps its data and logs."""

    data_dir: Folder = ".stack"
    kafka: Kafka = Kafka()
    flink: Flink = Flink()
    postgres: Postgres = Postgres()
    redis: Redis = Redis()
    elasticsearch: Elasticsearch = Elasticsearch()
    prometheus: Prometheus = Prometheus()
    console: Console = Console()
    cases: Cases = Cases()
    outbox: Outbox = Outbox()
    topics: Topics = Topics()
    scoring: Scoring = Scoring()
    delivery: Delivery = Delivery()
    api: Api = Api()
    privacy: Privacy = Privacy()
    logging: Logging = Logging()


_UNKNOWN = re.compile("Object contains unknown field `(.*)`", re.DOTALL)
SECTIONS = frozenset(
    field.name for field in fields_of(Settings) if isinstance(field.default, Section)
)


def parse(text: str, environment: Mapping[str, str], name: str = "risk.yaml") -> Settings:
    """Settings from the text of a settings file and the environment, which wins.

    Raises `SettingsError`, which names the field, where it was set and what is wrong with it.
    """
    try:
        tree, places, empty = read_mapping(text)
    except YamlFault as error:
        field = f"{error.path}: " if error.path else ""
        raise SettingsError(f"{name}:{error.line}:{error.column}: {field}{error}") from None
    origin = {path: f"{name}:{place}" for path, place in places.items()}
    for path in empty:
        if path not in SECTIONS:
            message = "there is no value here: leave the line out for the default"
            raise SettingsError(f"{origin[path]}: {path}: {message}")
        tree[path] = {}  # a section of comments alone
    origin |= override(tree, environment, Settings)
    try:
        found = with_home(msgspec.convert(tree, Settings), environment)
    except msgspec.ValidationError as error:
        what, _, path = str(error).partition(" - at `$.")
        path = path.rstrip("`")
        where = origin.get(path, name)
        if unknown := _UNKNOWN.fullmatch(what):
            where = origin.get(f"{path}.{unknown[1]}".lstrip("."), where)
            what += _with_section(where, unknown[1])
        if what.startswith("Invalid enum value"):
            what += f": use one of {choices(Settings, path)}"
        raise SettingsError(f"{where}: {path + ': ' if path else ''}{what}") from None
    if fault := first(found):
        where = origin.get(fault.path) or origin.get(fault.other, name)
        raise SettingsError(f"{where}: {fault.path}: {fault.message}")
    return found


def _with_section(variable: str, field: str) -> str:
    """What to write for a variable whose section has one underscore after it."""
    section, _, rest = field.partition("_")
    if variable != ENV_PREFIX + field.upper() or section not in SECTIONS:
        return ""
    return f": write {ENV_PREFIX}{section.upper()}__{rest.upper()} for {section}.{rest}"


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
    return _each_secret(settings, lambda path, value: None)


def with_secrets(settings: Settings, environment: Mapping[str, str]) -> Settings:
    """The settings with the secrets of this process's environment, where it has any."""
    return _each_secret(
        settings, lambda path, value: environment.get(ENV_PREFIX + path.upper(), value)
    )


def _each_secret(settings: Settings, become: Callable[[str, str | None], str | None]) -> Settings:
    """Each secret of a section as what it becomes, told its path with `__` between and its value.

    Found by its type, so that a section that is new leaves out none.
    """
    sections = {}
    for name in SECTIONS:
        section: Section = getattr(settings, name)
        secrets = [
            f.name for f in fields_of(type(section)) if (fits := fits_of(f.type)) and fits.secret
        ]
        changed = {one: become(f"{name}__{one}", getattr(section, one)) for one in secrets}
        sections[name] = replace(section, **changed)
    return replace(settings, **sections)
