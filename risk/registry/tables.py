"""What Postgres has: migrations, tables in an order in which they can be filled, sequences."""

from __future__ import annotations

from graphlib import TopologicalSorter
from typing import Final

import msgspec
import psycopg
from psycopg import sql

from risk.config.settings import Settings
from sinks.postgres.connect import Connection, connect, unavailable
from sinks.sql import statement

MIGRATIONS: Final = "schema_migrations"
SALT: Final = "erasure_salt"  # what the list of erased users is hashed with
_MADE: Final = (MIGRATIONS, SALT)  # have rows in a database that is new


class Table(msgspec.Struct, frozen=True):
    """A table, and those of its columns that aren't computed from others."""

    name: str
    columns: list[str]

    def named(self) -> sql.Composed:
        """Both, as COPY names them."""
        columns = sql.SQL(", ").join(map(sql.Identifier, self.columns))
        return sql.SQL("{} ({})").format(self.place(), columns)

    def place(self) -> sql.Identifier:
        """The table alone, wherever the account looks for tables."""
        return sql.Identifier("public", self.name)


def migrations(settings: Settings) -> dict[str, str]:
    """Which were applied, by name and checksum. Raises `Unavailable`."""
    try:
        with connect(settings) as connection:
            rows = connection.execute("SELECT name, checksum FROM schema_migrations").fetchall()
    except psycopg.Error as error:
        raise unavailable(error) from error
    return {str(name): str(checksum) for name, checksum in rows}


def listed(connection: Connection) -> list[Table]:
    """All but that of the migrations, each after those that its rows refer to."""
    rows = connection.execute(statement("list_tables")).fetchall()
    tables = {name: Table(name, columns) for name, columns, _ in rows if name != MIGRATIONS}
    order = TopologicalSorter({name: others for name, _, others in rows})
    return [tables[name] for name in order.static_order() if name in tables]


def sequences(connection: Connection) -> dict[str, int]:
    """The last number that each has given."""
    return dict(connection.execute(statement("list_sequences")).fetchall())


def set_sequence(connection: Connection, name: str, last: int) -> None:
    """Let a sequence go on after that number."""
    connection.execute(statement("set_sequence"), {"name": name, "last": last})


def filled(settings: Settings) -> list[str]:
    """The tables that hold any row which isn't the migrations'. Raises `Unavailable`."""
    row = sql.SQL("SELECT FROM {} LIMIT 1")
    try:
        with connect(settings) as connection:
            return sorted(
                one.name
                for one in listed(connection)
                if one.name not in _MADE
                and connection.execute(row.format(one.place())).fetchone() is not None
            )
    except psycopg.Error as error:
        raise unavailable(error) from error
