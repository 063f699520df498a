"""Passwords that would cross a network as they are: to a server elsewhere, without TLS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from risk.config.fault import Fault
from risk.config.types import is_loopback

if TYPE_CHECKING:
    from risk.config.settings import Settings


def faults(settings: Settings) -> Iterator[Fault]:
    """A fault for each server that would be sent a password, or what it guards, in plaintext."""
    kafka, postgres = settings.kafka, settings.postgres
    hosts = [server.strip().rpartition(":")[0].strip("[]") for server in kafka.servers.split(",")]
    elsewhere = next((host for host in hosts if not is_loopback(host)), None)
    if (
        elsewhere is not None
        and (kafka.sasl_password or kafka.sasl_password_file)
        and kafka.security_protocol == "SASL_PLAINTEXT"
        and not kafka.allow_plaintext
    ):
        way = "make it SASL_SSL, with ssl_ca_location where the authority is your own"
        yield _fault("kafka.security_protocol", elsewhere, way, "kafka.sasl_password")
    if (
        (postgres.password or postgres.password_file)
        and postgres.tls_mode in ("disable", "allow", "prefer")
        and not (is_loopback(postgres.host) or postgres.allow_plaintext)
    ):
        way = "set postgres.ca_location (verify-full then)"
        yield _fault("postgres.sslmode", postgres.host, way, "postgres.password")
    for name in ("redis", "elasticsearch"):
        where = settings.redis if name == "redis" else settings.elasticsearch
        plain = not (where.tls or where.allow_plaintext or is_loopback(where.host))
        if plain and (where.password or where.password_file):
            way = f"set {name}.tls, and {name}.ca_location where the authority is your own"
            yield _fault(f"{name}.tls", where.host, way, f"{name}.password")


def _fault(path: str, host: str, way: str, other: str) -> Fault:
    section = path.partition(".")[0]
    return Fault(
        path,
        f"a password would go to {host} in plaintext: {way}; or, where nobody else is on that "
        f"network, {section}.allow_plaintext: true",
        other,
    )
