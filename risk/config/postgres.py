"""Postgres' section."""

from __future__ import annotations

from typing import Literal

from risk.config.section import Section
from risk.config.types import Days, File, Host, Identifier, Port, Secret


class Postgres(Section, frozen=True):
    """Postgres. Without a password the embedded server makes one and keeps it in its folder."""

    host: Host = "127.0.0.1"
    port: Port = 5433
    database: Identifier = "risk"
    user: Identifier = "risk"
    password: Secret | None = None
    password_file: File | None = None  # read at each connection
    # default: verify-full where `ca_location` is set, else prefer
    sslmode: Literal["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] | None = (
        None
    )
    ca_location: File | None = None
    allow_plaintext: bool = False  # a password, to another host than loopback
    retention_days: Days | None = None  # of event time, for `risk retention apply`; None: for good

    @property
    def tls_mode(self) -> str:
        """`sslmode` as libpq takes it. Where an authority is named, the host's name is checked."""
        return self.sslmode or ("verify-full" if self.ca_location else "prefer")
