"""Writes scores, their hits and the archive of transactions: one database transaction a batch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import psycopg

from risk.config.settings import Settings
from risk.engine.delivery import Message, Written, weight
from risk.engine.messages import Score
from sinks.postgres import halves
from sinks.postgres.connect import Connection, connect, unavailable
from sinks.postgres.erased import erased_of, salt_of
from sinks.postgres.rows import Row, score_row, transaction_row
from sinks.sql import statement


class PostgresSink:
    """Postgres's writer. It takes the scores of all rulesets, and late messages.

    Of `Written`, `rows` counts scores written or there already, and late messages;
    `older` counts scores that a newer revision, stored or of the same batch, makes void. So
    `rows`, `older`, `erased` and the refusals add up to the batch.
    """

    name = "postgres"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._connection: Connection | None = None
        self._salt = b""

    def open(self) -> None:
        """Connect, also after the connection was lost. Raises `Unavailable`."""
        self.close()
        connection = connect(self._settings)
        try:
            connection.execute("SELECT FROM risk_scores, rule_hits, transactions LIMIT 0")
            connection.execute(statement("prepare_writer"))
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

    def write(self, batch: Sequence[Message]) -> Written:
        """Write a batch; connects if need be. Raises `Unavailable`."""
        return halves.write(batch, self._write_at_once, self.close) if batch else Written()

    def _write_at_once(self, batch: Sequence[Message]) -> Written:
        if self._connection is None:
            self.open()
        assert self._connection is not None
        with self._connection.transaction(), self._connection.cursor() as cursor:
            kept, gone = erased_of(cursor, self._salt, batch).split(batch)
            batch = [batch[at] for at in kept] if gone else batch
            scores, void = _newest(batch)
            older = 0
            if scores:
                _copy(cursor, "copy_scores", map(score_row, scores))
                cursor.execute(statement("drop_older"))
                same = cursor.execute(statement("drop_same")).rowcount
                taken = cursor.execute(statement("upsert_scores")).rowcount
                cursor.execute(statement("delete_hits"))
                cursor.execute(statement("insert_hits"))
                older = len(scores) - same - taken
            _copy(cursor, "copy_transactions", map(transaction_row, _archived(batch)))
            cursor.execute(statement("insert_transactions"))
        rows = len(batch) - older - void
        return Written(rows=rows, older=older + void, erased=len(gone))


def _newest(batch: Iterable[Message]) -> tuple[list[Score], int]:
    """Of each key the score that weighs most, the last among equals; how many it voids."""
    newest: dict[tuple[str, str, int, str, int], Score] = {}
    void = 0
    for score in batch:
        if not isinstance(score, Score):
            continue
        payment = score.event_id, score.user_id, score.event_time
        key = (*payment, score.ruleset, score.ruleset_version)
        other = newest.get(key)
        if other is not None and weight(other) != weight(score):
            void += 1
        if other is None or weight(score) >= weight(other):
            newest[key] = score
    return list(newest.values()), void


def _archived(batch: Iterable[Message]) -> Iterable[Message]:
    """Each transaction once: the first message that says most of it.

    That is that it was scored; else how late it is; else, from a late score, that it is late.
    """
    found: dict[tuple[str, str, int], Message] = {}
    for message in batch:
        key = message.event_id, message.user_id, message.event_time
        kept = found.setdefault(key, message)
        if _told(message) > _told(kept):
            found[key] = message
    return found.values()


def _told(message: Message) -> int:
    if isinstance(message, Score):
        return 0 if message.late else 2
    return 1


def _copy(cursor: psycopg.Cursor[Row], name: str, rows: Iterable[Row]) -> None:
    with cursor.copy(statement(name)) as copy:
        for row in rows:
            copy.write_row(row)
