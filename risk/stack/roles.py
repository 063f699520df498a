"""Who a process is to each server of a secure stack: the one table of it.

A role is what a process does. It has an account on each server that it needs, and an account has a
password in a file of its own, `secrets/<server>-<account>`.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple

from msgspec.structs import replace

from risk.config.names import job_account, secret_of, user_of
from risk.config.section import Section
from risk.config.settings import Kafka, Settings
from risk.stack.private import generated, place
from risk.stack.process import Home

KAFKA = "kafka"
MECHANISM: Final = "SCRAM-SHA-512"

Role = Literal["admin", "owner", "ops", "jobs", "console", "api", "generator", "reader"]


class Accounts(NamedTuple):
    """A role's account on each server; None where it has nothing to do."""

    kafka: str
    postgres: str | None = None
    redis: str | None = None
    elasticsearch: str | None = None


# admin: the stack itself, which makes accounts and sees how the servers are. owner: migrations,
# erasures and backups.
# ops: commands that change what runs or is stored. jobs: Flink's; on Kafka that of scoring, beside
# which each delivery has its own. console: the page and cases. api: the HTTP API. generator: what
# publishes payments. reader: verify, audit and the exporter.
ROLES = MappingProxyType(
    {
        "admin": Accounts("admin", postgres="admin", redis="admin", elasticsearch="admin"),
        "owner": Accounts("owner", postgres="owner", redis="writer", elasticsearch="ops"),
        "ops": Accounts("ops", postgres="ops", redis="writer", elasticsearch="ops"),
        "jobs": Accounts("scoring", postgres="writer", redis="writer", elasticsearch="writer"),
        "console": Accounts("console", postgres="console", redis="reader", elasticsearch="reader"),
        "api": Accounts("api", postgres="console", redis="reader", elasticsearch="reader"),
        "generator": Accounts("generator"),
        "reader": Accounts("reader", postgres="reader", redis="reader", elasticsearch="reader"),
    }
)
# What each delivery job reads, as fields of the settings' topics; it has an account on Kafka.
DELIVERIES = MappingProxyType(
    {
        "postgres": ("scores", "late"),
        "redis": ("scores",),
        "elasticsearch": ("scores",),
        "feedback": ("feedback",),
    }
)


def accounts(server: str) -> list[str]:
    """All accounts of a server."""
    found = {getattr(one, server) for one in ROLES.values()} - {None}
    if server == KAFKA:
        found |= {job_account(store) for store in DELIVERIES}
    return sorted(found)


def password_of(home: Home, server: str, account: str) -> str:
    """An account's password as it is now; made when it is first asked for."""
    return generated(home, secret_of(server, account))


def as_role(settings: Settings, home: Home, role: Role, authority: str) -> Settings:
    """The settings with a role's accounts. A server with an account of the user's keeps that."""
    found = ROLES[role]
    kafka = _kafka(settings.kafka, home, role, authority)
    postgres, redis, elastic = settings.postgres, settings.redis, settings.elasticsearch
    if found.postgres and _ours(postgres, postgres.user, "postgres"):
        name, file = _told(home, "postgres", found.postgres)
        postgres = replace(
            postgres,
            user=name,
            password=None,
            password_file=file,
            sslmode="verify-full",
            ca_location=authority,
        )
    if found.redis and _ours(redis, redis.username, "redis"):
        redis = replace(redis, **_told_by_tls(home, "redis", found.redis, authority))
    if found.elasticsearch and _ours(elastic, elastic.username, "elasticsearch"):
        told = _told_by_tls(home, "elasticsearch", found.elasticsearch, authority)
        elastic = replace(elastic, **told)
    return replace(settings, kafka=kafka, postgres=postgres, redis=redis, elasticsearch=elastic)


def _kafka(kafka: Kafka, home: Home, role: Role, authority: str) -> Kafka:
    """Kafka's section with a role's account. Brokers of the user's keep theirs."""
    ours = {user_of(KAFKA, account) for account in accounts(KAFKA)}
    if kafka.bootstrap is not None or kafka.sasl_username not in (None, *ours):
        return kafka
    name, file = _told(home, KAFKA, ROLES[role].kafka)
    folder = None
    if role == "jobs":
        for account in map(job_account, DELIVERIES):
            password_of(home, KAFKA, account)
        folder = str(place(home, secret_of(KAFKA, "scoring")).parent)
    return replace(
        kafka,
        security_protocol="SASL_SSL",
        sasl_mechanism=MECHANISM,
        sasl_username=name,
        sasl_password=None,
        sasl_password_file=file,
        job_accounts=folder,
        ssl_ca_location=authority,
    )


def _ours(section: Section, user: str | None, server: str) -> bool:
    """Whether its account is to be told: none is given yet, or another role's was told before."""
    given = getattr(section, "password", None) or getattr(section, "password_file", None)
    return not given or user in {user_of(server, account) for account in accounts(server)}


def _told(home: Home, server: str, account: str) -> tuple[str, str]:
    """An account's user name, and the file of its password, which is there."""
    password_of(home, server, account)
    return user_of(server, account), str(place(home, secret_of(server, account)))


def _told_by_tls(home: Home, server: str, account: str, authority: str) -> dict[str, Any]:
    """The same, and how the server is reached, as two of the sections name it."""
    name, file = _told(home, server, account)
    account_told = {"username": name, "password": None, "password_file": file}
    return account_told | {"tls": True, "ca_location": authority}
