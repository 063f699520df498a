"""What is wrong with settings whose types are right: a text that can't be, values that don't go
together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, get_args

import msgspec

from risk.config import plaintext
from risk.config.fault import Fault
from risk.config.kafka import PORT_STEP
from risk.config.section import Section, fields_of
from risk.config.types import Fits

if TYPE_CHECKING:
    from risk.config.settings import Settings

FLINK_PROCESSES = 9  # the JobManager and 8 TaskManagers: a metrics port each


def texts(section: Section, path: str = "") -> Iterator[tuple[str, str, Fits]]:
    """Each text with its path and its check."""
    for field in fields_of(type(section)):
        value = getattr(section, field.name)
        inner = f"{path}.{field.name}" if path else field.name
        if isinstance(value, Section):
            yield from texts(value, inner)
        elif isinstance(value, str) and (fits := fits_of(field.type)):
            yield inner, value, fits


def fits_of(kind: Any) -> Fits | None:
    """The check of a field's type; None if it has none."""
    for part in (kind, *get_args(kind)):
        for found in getattr(part, "__metadata__", ()):
            if isinstance(found, Fits):
                return found
    return None


def choices(settings: type[Section], path: str) -> str:
    """The values that the setting at a path may have, if there are but a few."""
    kind: Any = settings
    for part in path.split("."):
        known = {f.name: f.type for f in fields_of(kind)}
        kind = known.get(part, str)
        if kind is str:
            break
    found = [value for arg in (kind, *get_args(kind)) for value in get_args(arg) or (arg,)]
    return ", ".join(dict.fromkeys(value for value in found if isinstance(value, str)))


def with_home(settings: Settings, environment: Mapping[str, str]) -> Settings:
    """The settings with the home folder for `~` at the beginning of paths."""
    tree: dict[str, Any] = msgspec.to_builtins(settings)
    found = False
    for path, value, fits in texts(settings):
        if fits.path and (value == "~" or value.startswith("~/")) and environment.get("HOME"):
            *sections, name = path.split(".")
            node = tree
            for section in sections:
                node = node[section]
            node[name] = environment["HOME"].rstrip("/") + value[1:] or "/"
            found = True
    return msgspec.convert(tree, type(settings)) if found else settings


def first(settings: Settings) -> Fault | None:
    """The first fault of the settings; None if they are right."""
    return next(faults(settings), None)


def faults(settings: Settings) -> Iterator[Fault]:
    """All that is wrong with the settings."""
    for path, value, fits in texts(settings):
        if not fits.check(value):
            shown = "" if fits.secret else f"{value[:80]!r}: "
            yield Fault(path, f"{shown}expected {fits.wanted}")
        elif fits.path and value.startswith("~"):
            yield Fault(path, f"{value!r}: HOME is not set: write the whole path")
    yield from _topics(settings)
    yield from _times(settings)
    yield from _security(settings)
    yield from plaintext.faults(settings)
    yield from _ports(settings)
    yield from _privacy(settings)


def _topics(settings: Settings) -> Iterator[Fault]:
    names = {f"topics.{k}": v for k, v in msgspec.structs.asdict(settings.topics).items()}
    # The metric names of two topics that differ in these alone would be one.
    seen: dict[str, str] = {}
    for path, name in names.items():
        if other := seen.get(alike := name.replace(".", "_")):
            yield Fault(
                path, f"{name} is {other} already: each topic needs a name of its own", other
            )
        seen[alike] = path


def _times(settings: Settings) -> Iterator[Fault]:
    scoring, delivery = settings.scoring, settings.delivery
    if scoring.dedup_ms < scoring.lateness_ms:
        least = f"scoring.lateness_ms ({scoring.lateness_ms})"
        yield Fault(
            "scoring.dedup_ms", f"{scoring.dedup_ms} is less than {least}", "scoring.lateness_ms"
        )
    if delivery.retry_max_ms < delivery.retry_min_ms:
        least = f"delivery.retry_min_ms ({delivery.retry_min_ms})"
        yield Fault(
            "delivery.retry_max_ms",
            f"{delivery.retry_max_ms} is less than {least}",
            "delivery.retry_min_ms",
        )


def _privacy(settings: Settings) -> Iterator[Fault]:
    if settings.privacy.salt is None:
        for name, value in msgspec.structs.asdict(settings.privacy).items():
            if value == "hash":
                yield Fault(f"privacy.{name}", "hash needs privacy.salt: set RISK_PRIVACY__SALT")


def _security(settings: Settings) -> Iterator[Fault]:
    kafka = settings.kafka
    protocol = f"kafka.security_protocol {kafka.security_protocol}"
    sasl = kafka.security_protocol.startswith("SASL_")
    if sasl and not kafka.sasl_mechanism:
        yield Fault("kafka.sasl_mechanism", f"{protocol} needs one", "kafka.security_protocol")
    account = ("sasl_username", "sasl_password", "sasl_password_file", "job_accounts")
    names = ("sasl_mechanism", *account)
    for name in () if sasl else names:
        if getattr(kafka, name) is not None:
            yield Fault(f"kafka.{name}", f"{protocol} has no use for it: make that SASL_SSL")
    for name in ("sasl_password_file", "job_accounts"):
        if {":", "}"} & set(getattr(kafka, name) or ""):
            yield Fault(f"kafka.{name}", "a path with : or } can't be told to Flink's jobs")
    if kafka.job_accounts and not kafka.job_accounts.startswith("/"):
        yield Fault("kafka.job_accounts", "Flink's jobs need the whole path: /x")
    for name in ("ssl_ca_location", "ssl_identity_location"):
        if getattr(kafka, name) and kafka.security_protocol not in ("SSL", "SASL_SSL"):
            yield Fault(f"kafka.{name}", f"{protocol} has no use for it")
    for name in settings.__struct_fields__:
        section = getattr(settings, name)
        for field in ("password", "sasl_password"):
            file = f"{field}_file"
            if getattr(section, field, None) and getattr(section, file, None):
                yield Fault(f"{name}.{file}", f"{name}.{field} is set as well: leave one out")
        if getattr(section, "ca_location", None) and getattr(section, "tls", None) is False:
            yield Fault(f"{name}.ca_location", f"{name}.tls is false: it has no use for it")
    yield from _console(settings)
    for name, other in (("tls_cert", "tls_key"), ("tls_key", "tls_cert")):
        if getattr(settings.api, name) and not getattr(settings.api, other):
            yield Fault(f"api.{other}", f"api.{name} needs it", f"api.{name}")
    postgres = settings.postgres
    if postgres.ca_location and postgres.sslmode in ("disable", "allow", "prefer"):
        yield Fault("postgres.ca_location", f"sslmode {postgres.sslmode} may not use it")


def _console(settings: Settings) -> Iterator[Fault]:
    console = settings.console
    together = (("tls_cert", "tls_key"), ("oidc_issuer", "oidc_client", "oidc_secret"))
    for names in together:
        missing = [name for name in names if getattr(console, name) is None]
        if missing and len(missing) < len(names):
            other = next(name for name in names if name not in missing)
            yield Fault(f"console.{missing[0]}", f"console.{other} needs it", f"console.{other}")
    if not console.is_private:
        message = f"{console.host} is not loopback: set console.public_origin to what browsers open"
        yield Fault("console.host", f"{message}, which begins with https://")


def _ports(settings: Settings) -> Iterator[Fault]:
    taken: dict[tuple[str, int], str] = {}
    for path, host, port in _listeners(settings):
        if other := taken.get((host, port)):
            yield Fault(path, f"port {port} of {host} is that of {other} already", other)
        taken[host, port] = path


def _listeners(settings: Settings) -> Iterator[tuple[str, str, int]]:
    kafka, flink, prometheus = settings.kafka, settings.flink, settings.prometheus
    for step in range(0 if kafka.bootstrap else kafka.brokers):
        yield "kafka.port", kafka.host, kafka.port + PORT_STEP * step
        yield "kafka.controller_port", kafka.host, kafka.controller_port + PORT_STEP * step
        yield "kafka.broker_port", kafka.host, kafka.broker_port + PORT_STEP * step
    yield "flink.rest_port", flink.host, flink.rest_port
    yield "flink.rpc_port", flink.host, flink.rpc_port
    for step in range(FLINK_PROCESSES):
        yield "flink.metrics_port", flink.host, flink.metrics_port + step
    yield "postgres.port", settings.postgres.host, settings.postgres.port
    yield "redis.port", settings.redis.host, settings.redis.port
    yield "elasticsearch.port", settings.elasticsearch.host, settings.elasticsearch.port
    transport = settings.elasticsearch.transport_port
    yield "elasticsearch.transport_port", settings.elasticsearch.host, transport
    yield "prometheus.port", prometheus.host, prometheus.port
    yield "prometheus.exporter_port", prometheus.host, prometheus.exporter_port
    yield "prometheus.generator_port", prometheus.host, prometheus.generator_port
    yield "console.port", settings.console.host, settings.console.port
    yield "cases.port", settings.cases.host, settings.cases.port
    yield "api.port", settings.api.host, settings.api.port
