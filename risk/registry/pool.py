"""Connections that are kept open, for what asks Postgres many times a second."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from queue import Empty, Full, LifoQueue

import psycopg
from psycopg.rows import dict_row

from risk.config.settings import Settings
from risk.registry.session import Cursor
from sinks.postgres.connect import Connection, connect, unavailable


class Pool:
    """Cursors as those of `session`, on connections that are used again. Threads may share it."""

    def __init__(self, settings: Settings, kept: int = 4, statement_ms: int = 10_000) -> None:
        """`kept` is how many connections stay open while nobody uses them."""
        self._settings, self._statement_ms = settings, statement_ms
        self._idle: LifoQueue[Connection] = LifoQueue(kept)

    @contextlib.contextmanager
    def session(self) -> Iterator[Cursor]:
        """A cursor with rows as dicts, in one transaction. Raises `Unavailable`."""
        connection = self._usable()
        try:
            with connection.transaction(), connection.cursor(row_factory=dict_row) as cursor:
                yield cursor
        except (psycopg.Error, OSError) as error:
            connection.close()
            raise unavailable(error) from error
        except BaseException:
            self._keep(connection)
            raise
        self._keep(connection)

    def close(self) -> None:
        """Close those that nobody uses."""
        with contextlib.suppress(Empty):
            while True:
                self._idle.get_nowait().close()

    def _usable(self) -> Connection:
        """One that answers: a server that was restarted has closed all that were open."""
        with contextlib.suppress(Empty):
            while True:
                connection = self._idle.get_nowait()
                try:
                    connection.execute("SELECT 1")
                    return connection
                except (psycopg.Error, OSError):
                    connection.close()
        return connect(self._settings, self._statement_ms)

    def _keep(self, connection: Connection) -> None:
        try:
            if not connection.closed:
                self._idle.put_nowait(connection)
        except Full:
            connection.close()
