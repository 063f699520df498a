"""The section of the HTTP API."""

from __future__ import annotations

from typing import Annotated

import msgspec

from risk.config.section import Section
from risk.config.types import File, Host, Millis, Port, Positive, in_url

MOST_BODY: int = 64 * 1024 * 1024


class Api(Section, frozen=True):
    """The HTTP API that payments come through (`risk api run`)."""

    host: Host = "127.0.0.1"
    port: Port = 8090
    # Both in PEM; without them it speaks plain HTTP, which belongs on loopback or behind a proxy.
    tls_cert: File | None = None
    tls_key: File | None = None
    max_body_bytes: Annotated[int, msgspec.Meta(ge=1_024, le=MOST_BODY)] = 1_048_576
    max_payments: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 1_000  # of one request
    body_timeout_ms: Positive = 10_000  # for all of a body to come
    max_wait_ms: Millis = 10_000  # the most of ?wait=
    delivery_timeout_ms: Positive = 10_000  # for Kafka to acknowledge a payment
    # How many payments are remembered, for what is sent again: each is some 700 bytes. They are
    # forgotten after scoring.dedup_ms, or when there are more.
    known_payments: Positive = 200_000
    # Of a key that has none of its own: payments and other requests a second, and at once.
    rate: Positive = 1_000
    burst: Positive = 2_000
    keys_refresh_ms: Positive = 5_000  # how old a key's scopes may be while Postgres answers
    keys_outage_ms: Positive = 3_600_000  # and how old while it doesn't

    @property
    def url(self) -> str:
        """The HTTP address."""
        scheme = "http" if self.tls_cert is None else "https"
        return f"{scheme}://{in_url(self.host)}:{self.port}"
