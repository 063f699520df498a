r"""The rows of Postgres as a file, and back. The schema is the migrations'.

Its first line is a `Head` in JSON. Then for each table come the lines that COPY gives, in its text
format, and a line `\.`, which is no row. It takes Postgres' own programs neither to write nor to
read one: those that come with the embedded server have no TLS.
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

import msgspec
import psycopg
from psycopg import sql

from risk.config.settings import Settings
from risk.errors import UserError
from risk.registry.tables import SALT, Table, listed, sequences, set_sequence
from sinks.postgres.connect import connect, one_line, unavailable

LEVEL: Final = 1  # of compression: more costs more than it saves
BUFFER: Final = 1_048_576
END: Final = b"\\.\n"
# What the server's own settings would change of how values are written and read.
_STYLE: Final = "SET LOCAL datestyle = 'ISO'; SET LOCAL intervalstyle = 'postgres'"


class Head(msgspec.Struct, frozen=True):
    """The tables that follow, and the last number that each sequence gave."""

    tables: list[Table]
    sequences: dict[str, int]


def save(settings: Settings, path: Path) -> None:
    """Write all rows, of one moment. Raises `Unavailable` and `OSError`."""
    try:
        with connect(settings, statement_ms=0) as connection:
            tables = listed(connection)
            places = sql.SQL(", ").join(one.place() for one in tables)
            with (
                connection.transaction(),
                gzip.open(path, "wb", LEVEL) as packed,
                io.BufferedWriter(packed, BUFFER) as file,
                connection.cursor() as cursor,
            ):
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                # Before the first look: a table that is emptied meanwhile would be empty.
                cursor.execute(sql.SQL("LOCK TABLE {} IN ACCESS SHARE MODE").format(places))
                cursor.execute(_STYLE)
                # A sequence is never behind what is seen: it is asked after the moment is fixed.
                cursor.execute("SELECT")
                file.write(msgspec.json.encode(Head(tables, sequences(connection))) + b"\n")
                for table in tables:
                    given = sql.SQL("COPY {} TO STDOUT").format(table.named())
                    with cursor.copy(given) as copy:
                        for lines in copy:
                            file.write(lines)
                    file.write(END)
    except psycopg.Error as error:
        raise unavailable(error) from error


def load(settings: Settings, path: Path) -> None:
    """Put all rows back, or none. Raises `UserError` and `Unavailable`."""
    try:
        with (
            gzip.open(path, "rb") as packed,
            io.BufferedReader(packed, BUFFER) as file,
            connect(settings, statement_ms=0) as connection,
            connection.transaction(),
            connection.cursor() as cursor,
        ):
            head = msgspec.json.decode(file.readline(), type=Head)
            cursor.execute(_STYLE)
            cursor.execute(sql.SQL("DELETE FROM {}").format(Table(SALT, []).place()))
            for table in head.tables:
                with cursor.copy(sql.SQL("COPY {} FROM STDIN").format(table.named())) as copy:
                    for line in _rows(file, path):
                        copy.write(line)
            for name, last in head.sequences.items():
                set_sequence(connection, name, last)
    except (OSError, EOFError, msgspec.DecodeError) as error:
        raise UserError(f"{path}: {error}") from None
    except psycopg.Error as error:
        raise UserError(f"Postgres took no row of the backup: {one_line(error)}") from None


def _rows(file: IO[bytes], path: Path) -> Iterator[bytes]:
    """Those of one table. Raises `UserError` where its end is missing."""
    for line in file:
        if line == END:
            return
        yield line
    raise UserError(f"{path} ends within a table: it is damaged")
