"""The list of erased users in Postgres, which is the one that all others are copies of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg

from risk.config.settings import Settings
from risk.engine.erasure import Erased, Payment, of_rows
from sinks.postgres.connect import Connection, connect, unavailable
from sinks.sql import statement


def salt_of(connection: Connection) -> bytes:
    """What user_ids are hashed with in this database, as long as it is. Raises psycopg's errors."""
    row = connection.execute(statement("erasure_salt")).fetchone()
    assert row is not None, "its migration makes it"
    return bytes(row[0])


def erased_of(cursor: psycopg.Cursor[Any], salt: bytes, batch: Sequence[Payment]) -> Erased:
    """The part of the list that is about the users of a batch. Raises psycopg's errors.

    It is read first in the transaction that writes the batch: who adds to the list waits for all
    such transactions to end, and those that begin later see what was added.
    """
    values = {"hashes": Erased(salt).hashes_of(batch)}
    return of_rows(salt, dict(cursor.execute(statement("erased_among"), values).fetchall()))


def erased(settings: Settings) -> Erased:
    """The whole list. Raises `Unavailable`."""
    try:
        with connect(settings) as connection:
            salt = salt_of(connection)
            rows = connection.execute(statement("erased_users")).fetchall()
            return of_rows(salt, {bytes(key): upto for key, upto in rows})
    except (psycopg.Error, OSError) as error:
        raise unavailable(error) from error


def add_erased(settings: Settings, erased: Erased) -> None:
    """Add to the list, and wait until no writer is at work that hasn't seen it.

    Raises `Unavailable`, also if the list was made with another salt than this database has.
    """
    try:
        with connect(settings) as connection, connection.transaction():
            if salt_of(connection) != erased.salt:
                raise psycopg.DataError("the list of erased users has another database's salt")
            # Writers have read the list, and hold it until they have written.
            connection.execute("LOCK TABLE erased_users IN ACCESS EXCLUSIVE MODE")
            for user_hash, upto in erased.users.items():
                values = {"user_hash": bytes.fromhex(user_hash), "upto": upto}
                connection.execute(statement("add_erased_user"), values)
    except (psycopg.Error, OSError) as error:
        raise unavailable(error) from error
