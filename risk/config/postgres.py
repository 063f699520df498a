"""Postgres' section."""

from __future__ import annotations

from risk.config.section import Section
from risk.config.types import Port


class Postgres(Section, frozen=True):
    """Postgres. Without a password the embedded server makes one and keeps it in its folder."""

    host: str = "127.0.0.1"
    port: Port = 5433
    database: str = "risk"
    user: str = "risk"
    password: str | None = None
    sslmode: str = "prefer"
