"""Brings the schema of Postgres up to date."""

from __future__ import annotations

import hashlib

import psycopg

from risk.config.settings import Settings
from sinks.postgres.connect import Connection, connect, one_line, unavailable
from sinks.sql import migrations, statement
from sinks.store import MigrationError

LOCK = 0x7269736B  # any number, but the same for all who migrate


def migrate(settings: Settings) -> list[str]:
    """Apply the migrations that are missing, each in a transaction of its own; their names.

    Two at once wait for each other. Raises `MigrationError` and `Unavailable`.
    """
    try:
        with connect(settings, statement_ms=0) as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
            connection.execute(statement("create_schema_migrations"))
            query = "SELECT name, checksum FROM schema_migrations"
            done = {str(name): str(checksum) for name, checksum in connection.execute(query)}
            return [name for name, text in _missing(done) if _apply(connection, name, text)]
    except (psycopg.Error, OSError) as error:
        raise unavailable(error) from error


def checksum(text: bytes) -> str:
    """A migration's content, so that a later edit shows."""
    return hashlib.sha256(text).hexdigest()


def _missing(done: dict[str, str]) -> list[tuple[str, bytes]]:
    """The migrations to apply, once those applied are found to be in order."""
    known = migrations()
    for name in sorted(done.keys() - {name for name, _ in known}):
        raise MigrationError(
            f"{name} was applied to this database, but is not in sql/migrations: "
            "it belongs to newer code, run that"
        )
    for name, text in known:
        if name in done and done[name] != checksum(text):
            raise MigrationError(
                f"sql/migrations/{name}.sql was edited after it was applied: "
                "put it back as it was, and make the change in a new migration"
            )
    return [(name, text) for name, text in known if name not in done]


def _apply(connection: Connection, name: str, text: bytes) -> bool:
    try:
        with connection.transaction():
            connection.execute(text)
            connection.execute(
                "INSERT INTO schema_migrations (name, checksum) VALUES (%s, %s)",
                (name, checksum(text)),
            )
    except (psycopg.OperationalError, psycopg.InterfaceError):
        raise
    except psycopg.Error as error:
        raise MigrationError(f"sql/migrations/{name}.sql: {one_line(error)}") from error
    return True
