"""The broker's section."""

from __future__ import annotations

from typing import Annotated

import msgspec

from risk.config.section import Section
from risk.config.types import Port, Positive

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
