"""Redis' section."""

from __future__ import annotations

from typing import Annotated

import msgspec

from risk.config.section import Section
from risk.config.types import File, Host, Port, Positive, Secret, Text


class Redis(Section, frozen=True):
    """Redis, or Valkey."""

    host: Host = "127.0.0.1"
    port: Port = 6380
    database: Annotated[int, msgspec.Meta(ge=0, le=65_535)] = 0
    username: Text | None = None
    password: Secret | None = None
    password_file: File | None = None  # read at each connection
    tls: bool = False
    ca_location: File | None = None
    allow_plaintext: bool = False  # a password, to another host than loopback
    ttl_s: Positive = 86_400
    memory_mb: Positive = 256  # of the embedded server: what is nearest to its end goes first
