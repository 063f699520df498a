"""What each rule of a ruleset did lately, by what is stored of live payments."""

from __future__ import annotations

import math
from typing import Final

import msgspec
from psycopg.errors import QueryCanceled

from risk.registry.session import Cursor
from sinks.sql import statement

STATEMENT_MS: Final = "4000"
_Z: Final = 1.959964  # of 95 %


class RuleFigures(msgspec.Struct, frozen=True):
    """How many payments a rule hit, and how many of these a verdict calls fraud or legitimate."""

    rule: str
    hits: int = 0
    fraud: int = 0
    legitimate: int = 0

    @property
    def judged(self) -> int:
        """Those of which it is known what became of them."""
        return self.fraud + self.legitimate

    @property
    def precision(self) -> tuple[float, float, float] | None:
        """The share of fraud among the judged, and Wilson's interval of 95 %; None without any."""
        n = self.judged
        if not n:
            return None
        share, z = self.fraud / n, _Z * _Z / n
        middle = (share + z / 2) / (1 + z)
        half = _Z * math.sqrt(share * (1 - share) / n + z / (4 * n)) / (1 + z)
        return share, max(0.0, middle - half), min(1.0, middle + half)


def figures(cursor: Cursor, ruleset: str, begin: int, end: int) -> dict[str, RuleFigures] | None:
    """By rule, of all versions of a ruleset and of payments from `begin` until `end`, in ms UTC.

    None if they are too many to be counted while somebody waits.
    """
    values = {"ruleset": ruleset, "begin": begin, "end": end}
    try:
        with cursor.connection.transaction():
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", (STATEMENT_MS,))
            rows = cursor.execute(statement("rule_figures"), values).fetchall()
    except QueryCanceled:
        return None
    return {one.rule: one for one in msgspec.convert(rows, list[RuleFigures])}
