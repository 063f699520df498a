"""The broker's section."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec.structs import replace

from risk.config.names import job_account, secret_of, user_of
from risk.config.section import Section
from risk.config.types import (
    File,
    Folder,
    Host,
    Options,
    Port,
    Positive,
    Secret,
    Servers,
    Text,
    in_url,
)

PORT_STEP = 2  # from one embedded broker's ports to the next one's


class Kafka(Section, frozen=True):
    """The broker, or `brokers` of them. `bootstrap` names others than the embedded ones.

    With 3 or more brokers each record is on three, and counts as written once two have it. The
    embedded ones listen on `port`, `port + 2`, …, likewise their controllers. With `job_accounts`
    each of Flink's jobs has an account of its own, with its password in a file of that folder.
    """

    host: Host = "127.0.0.1"
    port: Port = 9092
    controller_port: Port = 9093
    broker_port: Port = 9110  # between brokers, in a secure stack
    brokers: Annotated[int, msgspec.Meta(ge=1, le=9)] = 1
    bootstrap: Servers | None = None
    partitions: Positive = 4
    heap_mb: Positive = 384
    java_opts: Options = ""  # more for the embedded brokers' JVMs
    max_record_bytes: Positive = 2_097_152
    max_payment_bytes: Annotated[int, msgspec.Meta(ge=1_024, le=1_048_576)] = 65_536
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = None
    sasl_username: Text | None = None
    sasl_password: Secret | None = None
    sasl_password_file: File | None = None  # read when a client is made
    job_accounts: Folder | None = None  # with kafka-scoring, kafka-deliver-redis and so on
    ssl_ca_location: File | None = None
    ssl_identity_location: File | None = None  # this client's key (PKCS #8) and certificates, PEM
    allow_plaintext: bool = False  # a password, to another host than loopback

    @property
    def servers(self) -> str:
        """The bootstrap servers, comma-separated."""
        host = in_url(self.host)
        embedded = (f"{host}:{self.port + PORT_STEP * n}" for n in range(self.brokers))
        return self.bootstrap or ",".join(embedded)

    @property
    def replicas(self) -> int:
        """On how many brokers each partition is."""
        return min(3, self.brokers)

    @property
    def in_sync(self) -> int:
        """How many of them must have a record before it counts as written."""
        return max(1, self.replicas - 1)


def of_job(kafka: Kafka, kind: str) -> Kafka:
    """The section with the account of a kind of job, if jobs have accounts of their own."""
    if kafka.job_accounts is None:
        return kafka
    account = job_account(kind)
    return replace(
        kafka,
        sasl_username=user_of("kafka", account),
        sasl_password=None,
        sasl_password_file=f"{kafka.job_accounts.rstrip('/')}/{secret_of('kafka', account)}",
    )
