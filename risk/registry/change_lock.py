"""One change of the jobs that run at a time: a lock in Postgres, held by a session of its own.

It lasts as long as the session: if the process dies, or its machine, Postgres lets go of it.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg
from psycopg.rows import dict_row

from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from sinks.postgres.connect import Connection, connect, unavailable
from sinks.sql import statement

KEY: Final = 0x7269736B  # any number, but the same in every process
NAME_BYTES: Final = 63  # what Postgres keeps of a session's name


class Busy(Exception):
    """Another process changes which jobs run: the message says which, and since when."""


class ChangeLock:
    """The lock, as long as its session lives."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def check(self) -> None:
        """Raise `Unavailable` if the session is gone, so that another may have the lock."""
        try:
            self._connection.execute("SELECT 1")
        except psycopg.Error as error:
            lost = "postgres: the session that held the lock of changes is lost"
            raise Unavailable(f"{lost}: do it again") from error


@contextmanager
def change_lock(settings: Settings, what: str) -> Iterator[ChangeLock]:
    """Hold the lock for a change, named `what` to others. Raises `Busy` and `Unavailable`."""
    try:
        # As long as it takes: no statement of this session does anything else.
        with connect(settings, 0) as connection:
            who = f"risk {what}, pid {os.getpid()} on {socket.gethostname()}"
            connection.execute(
                "SELECT set_config('application_name', %s, false)",
                [who.encode()[:NAME_BYTES].decode(errors="ignore")],
            )
            with connection.cursor(row_factory=dict_row) as cursor:
                row = cursor.execute(statement("try_change_lock"), {"key": KEY}).fetchone()
                if not (row and row["held"]):
                    cursor.execute(statement("change_lock_holder"), {"key": KEY})
                    raise Busy(_words(cursor.fetchone()))
            yield ChangeLock(connection)
    except psycopg.Error as error:
        raise unavailable(error) from error


def _words(holder: dict[str, object] | None) -> str:
    if holder is None:
        return "another change has just ended: do it again"
    since = f"{holder['since']:%H:%M:%S} UTC"
    return f"{holder['name']} is at work since {since}: wait until it has ended"
