"""What Postgres holds of a span's payments: how many, what became of them, and a sample of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from psycopg.rows import tuple_row

from risk.config.settings import Settings
from risk.registry.session import Cursor, session
from sinks.sql import statement

PAGE: Final = 2_000
STATEMENT_MS: Final = 600_000  # a span may have many millions of payments

Row = dict[str, Any]


class DecisionSpan(NamedTuple):
    """The payments of a span of event time, `begin` to `end` in ms UTC, `end` excluded.

    Those that a version of a ruleset has decided, be it live, in the shadow or in a replay;
    without a version those that any version has decided live.
    """

    ruleset: str
    version: int | None
    begin: int
    end: int


class Read(NamedTuple):
    """`counts` has a row a decision, version and whether late; `verdicts` is None if not asked."""

    counts: list[Row]
    verdicts: Row | None


def read(
    settings: Settings,
    which: DecisionSpan,
    most: int,
    each: Callable[[int, dict[str, Any]], object],
    age_ms: int | None = None,
    statement_ms: int = STATEMENT_MS,
) -> Read:
    """Count a span's payments; `each` is told score and features of at most so many of them.

    Which ones follows from their keys alone, so the same question has the same answer. With
    `age_ms` verdicts on flagged payments are counted that were known so long after them. A
    statement that takes longer than `statement_ms` is given up. Raises `Unavailable`.
    """
    values = {**which._asdict(), "most": most, "age_ms": age_ms}
    with session(settings, statement_ms) as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        counts = cursor.execute(statement("drift_counts"), values).fetchall()
        verdicts = None
        if age_ms is not None:
            verdicts = cursor.execute(statement("drift_verdicts"), values).fetchone()
        _sample(cursor, values, each)
    return Read(counts, verdicts)


def _sample(
    cursor: Cursor, values: dict[str, Any], each: Callable[[int, dict[str, Any]], object]
) -> None:
    with cursor.connection.cursor("drift_sample", row_factory=tuple_row) as rows:
        rows.itersize = PAGE
        rows.execute(statement("drift_sample"), values)
        for score, features in rows:
            each(score, features)
