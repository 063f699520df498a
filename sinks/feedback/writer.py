"""Writes feedback: one database transaction a batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg

from risk.config.settings import Settings
from risk.engine.delivery import Written
from risk.engine.feedback import Logged
from sinks.postgres import halves
from sinks.postgres.connect import Connection, connect, unavailable
from sinks.postgres.erased import erased_of, salt_of
from sinks.sql import statement


class FeedbackWriter:
    """What was said before, word for word, is no second row; it counts as written."""

    name = "feedback"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._connection: Connection | None = None
        self._salt = b""

    def open(self) -> None:
        """Connect, also after the connection was lost. Raises `Unavailable`."""
        self.close()
        connection = connect(self._settings)
        try:
            connection.execute("SELECT FROM risk_feedback LIMIT 0")
            connection.execute(statement("prepare_feedback"))
            self._salt = salt_of(connection)
        except psycopg.Error as error:
            connection.close()
            raise unavailable(error) from error
        self._connection = connection

    def close(self) -> None:
        """Disconnect."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def write(self, batch: Sequence[Logged]) -> Written:
        """Write a batch; connects if need be. Raises `Unavailable`."""
        return halves.write(batch, self._write_at_once, self.close) if batch else Written()

    def _write_at_once(self, batch: Sequence[Logged]) -> Written:
        if self._connection is None:
            self.open()
        assert self._connection is not None
        with self._connection.transaction(), self._connection.cursor() as cursor:
            said = [one.feedback for one in batch]
            kept, gone = erased_of(cursor, self._salt, said).split(said)
            with cursor.copy(statement("copy_feedback")) as copy:
                for at in kept:
                    copy.write_row(_row(batch[at]))
            cursor.execute(statement("insert_feedback"))
        return Written(rows=len(kept), erased=len(gone))


def wipe(settings: Settings) -> None:
    """Delete all feedback. Waits for writers that are at work. Raises `Unavailable`."""
    try:
        with connect(settings) as connection, connection.transaction():
            connection.execute("SET LOCAL lock_timeout = '20s'")
            connection.execute(statement("wipe_feedback"))
    except (psycopg.Error, OSError) as error:
        raise unavailable(error) from error


def _row(one: Logged) -> tuple[Any, ...]:
    """The row of staged_feedback."""
    said = one.feedback
    return (
        *(said.key, *said.payment, said.verdict, said.source, said.known_at, said.by, said.note),
        *(one.append_time, one.partition, one.offset),
    )
