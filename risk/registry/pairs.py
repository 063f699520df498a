"""Two rulesets' scores of the same events, side by side, from Postgres."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from psycopg.rows import dict_row

from risk.config.settings import Settings
from risk.engine.messages import Label
from risk.registry.session import Cursor, session
from sinks.sql import statement

PAGE = 2_000
# In the order of the fields of `Pairs`.
QUERIES = (
    "diff_decisions",
    "diff_shifts",
    "diff_scores",
    "diff_attacks",
    "diff_groups",
    "diff_rules",
)

Row = dict[str, Any]


class Key(NamedTuple):
    """A ruleset and its version."""

    name: str
    version: int


class Pairs(NamedTuple):
    """What is known of two rulesets' scores: `counts` is one row, the others are some each."""

    counts: Row
    decisions: list[Row]
    shifts: list[Row]
    scores: list[Row]
    attacks: list[Row]
    groups: list[Row]
    rules: list[Row]


def compare(
    settings: Settings,
    a: Key,
    b: Key,
    labels: Iterable[Label],
    each: Callable[[Row], object],
    differing: Sequence[str] = (),
) -> Pairs:
    """Compare `a` and `b` as of one moment; `each` is told every flip. Raises `Unavailable`.

    Events that only one of them has decided are counted, no more. Features in `differing` are not
    the same thing under both, and left out of the comparison.
    """
    values: dict[str, object] = {"differing": list(differing)}
    values |= {"a_name": a.name, "a_version": a.version, "b_name": b.name, "b_version": b.version}
    with session(settings, statement_ms=0) as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute(statement("diff_prepare"))
        with cursor.copy(statement("copy_diff_labels")) as copy:
            for label in labels:
                copy.write_row(
                    (label.user_id, label.event_id, label.event_time, label.fraud, label.attack)
                )
        cursor.execute("ANALYZE diff_labels")
        cursor.execute(statement("diff_pair"), values)
        cursor.execute("ANALYZE diff_pairs")
        counts = cursor.execute(statement("diff_counts"), values).fetchone()
        assert counts is not None
        tables = [cursor.execute(statement(name), values).fetchall() for name in QUERIES]
        for row in _flips(cursor, values):
            each(row)
    return Pairs(counts, *tables)


def _flips(cursor: Cursor, values: dict[str, object]) -> Iterator[Row]:
    with cursor.connection.cursor("flips", row_factory=dict_row) as flips:
        flips.itersize = PAGE
        flips.execute(statement("diff_flips"), values)
        yield from flips
