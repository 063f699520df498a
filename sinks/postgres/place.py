"""A second database on the same server."""

from __future__ import annotations

import psycopg
from msgspec.structs import replace
from psycopg import sql

from risk.config.settings import Settings
from sinks.postgres.connect import connect, unavailable
from sinks.postgres.migrations import migrate

_DROP = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
_CREATE = sql.SQL("CREATE DATABASE {}")


def apart(settings: Settings, name: str) -> Settings:
    """The settings with the database of that name, underscores for dashes."""
    database = name.replace("-", "_")
    return replace(settings, postgres=replace(settings.postgres, database=database))


def make(settings: Settings, own: Settings) -> None:
    """Make it anew, with its schema. Raises `Unavailable`."""
    _execute(settings, own, _DROP, _CREATE)
    migrate(own)


def remove(settings: Settings, own: Settings) -> None:
    """Drop it, whoever is connected. Raises `Unavailable`."""
    _execute(settings, own, _DROP)


def _execute(settings: Settings, own: Settings, *statements: sql.SQL) -> None:
    try:
        with connect(settings) as connection:
            for one in statements:
                connection.execute(one.format(sql.Identifier(own.postgres.database)))
    except (psycopg.Error, OSError) as error:
        raise unavailable(error) from error
