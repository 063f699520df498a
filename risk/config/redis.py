"""Redis' section."""

from __future__ import annotations

from typing import Annotated

import msgspec

from risk.config.section import Section
from risk.config.types import Port, Positive


class Redis(Section, frozen=True):
    """Redis, or Valkey."""

    host: str = "127.0.0.1"
    port: Port = 6380
    database: Annotated[int, msgspec.Meta(ge=0)] = 0
    username: str | None = None
    password: str | None = None
    tls: bool = False
    ca_location: str | None = None
    ttl_s: Positive = 86_400
