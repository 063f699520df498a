"""The connection to Postgres."""

from __future__ import annotations

from typing import Any, Final, TypeVar

import psycopg
from psycopg import errors
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus

from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from risk.secret_file import secret

CONNECT_S: Final = 5
STATEMENT_MS = 60_000
ANSWER_S = 5  # how much later than that the server may say so
_LOOK_S = 0.1
_T = TypeVar("_T")

Connection = psycopg.Connection[tuple[Any, ...]]


class _Bounded(Connection):
    """Waits no longer for an answer than a statement may take.

    A server that is stopped, or whose machine hangs, says nothing for ever: its kernel still
    acknowledges what it is sent, and the server itself is who would end a statement.
    """

    limit_s: float | None = None

    def wait(self, gen: PQGen[_T], interval: float = _LOOK_S, timeout: float | None = None) -> _T:
        """Raises `OperationalError` after `limit_s`; then the connection is closed."""
        try:
            return super().wait(gen, interval, self.limit_s if timeout is None else timeout)
        except psycopg.OperationalError as error:
            if self.pgconn.transaction_status != TransactionStatus.ACTIVE or error.sqlstate:
                raise
            self.close()  # what it did last is in doubt
            raise psycopg.OperationalError("no answer") from error


def connect(settings: Settings, statement_ms: int | None = None) -> Connection:
    """A connection in autocommit mode, in UTC. Raises `Unavailable`.

    A statement that takes longer than `statement_ms` (default: a minute) is given up, and one that
    waits for a lock a quarter of that; 0: none is.
    """
    if statement_ms is None:
        statement_ms = STATEMENT_MS
    where = settings.postgres
    try:
        connection = _Bounded.connect(
            host=where.host,
            port=where.port,
            dbname=where.database,
            user=where.user,
            password=secret(where.password, where.password_file),
            sslmode=where.tls_mode,
            sslrootcert=where.ca_location,
            application_name="risk",
            connect_timeout=CONNECT_S,
            keepalives_idle=10,
            keepalives_interval=5,
            keepalives_count=3,
            tcp_user_timeout=30_000,
            client_encoding="UTF8",
            options=f"-c statement_timeout={statement_ms} -c timezone=UTC "
            f"-c lock_timeout={statement_ms // 4} "
            "-c default_transaction_isolation=read\\ committed",
            autocommit=True,
            # A plan made while the tables were small or empty is a bad one later.
            prepare_threshold=None,
        )
        if statement_ms:
            connection.limit_s = statement_ms / 1000 + ANSWER_S
        return connection
    except (psycopg.Error, OSError) as error:
        raise unavailable(error) from error


def unavailable(error: Exception) -> Unavailable:
    """The error in one line."""
    if isinstance(error, errors.UndefinedTable | errors.UndefinedColumn):
        return Unavailable(f"postgres: {one_line(error)}: run `risk migrate`")
    return Unavailable(f"postgres: {one_line(error)}")


def one_line(error: Exception) -> str:
    """What the server said of an error, else what the driver did."""
    said = error.diag.message_primary if isinstance(error, psycopg.Error) else None
    lines = (said or str(error)).strip().splitlines()
    return lines[0] if lines else type(error).__name__
