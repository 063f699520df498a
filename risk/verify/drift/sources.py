"""Where the two sides of a comparison come from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, Final, NamedTuple, Protocol

from risk.config.settings import Settings
from risk.registry import samples
from risk.registry.samples import DecisionSpan, Row
from risk.verify.drift.periods import Period
from risk.verify.drift.sample import Counts, Gathering, Population, Verdicts

MOST: Final = 20_000  # payments of a sample
TOLD: Final = 2_000  # payments between two words about progress

Say = Callable[[str], object]


class Source(Protocol):
    """One side: what a population is read from."""

    @property
    def period(self) -> Period:
        """Of which event times its payments are."""

    def population(self, say: Say) -> Population:
        """Read it; `say` is told how far it is. Raises `Unavailable`."""


class Stored(NamedTuple):
    """A ruleset's scores of a period in Postgres: those of a version, or all that count live.

    With `age_ms` it has the verdicts that were known so long after their payments.
    """

    settings: Settings
    ruleset: str
    version: int | None
    period: Period
    most: int = MOST
    age_ms: int | None = None
    statement_ms: int = samples.STATEMENT_MS

    def population(self, say: Say) -> Population:
        """Read it; `say` is told how far it is. Raises `Unavailable`."""
        gathering = Gathering()

        def take(score: int, features: dict[str, Any]) -> None:
            gathering.add(score, features)
            if gathering.rows % TOLD == 0:
                say(f"{gathering.rows:,} payments")

        say("counting payments")
        which = DecisionSpan(self.ruleset, self.version, *self.period)
        found = samples.read(self.settings, which, self.most, take, self.age_ms, self.statement_ms)
        verdicts = Verdicts(**found.verdicts) if found.verdicts else Verdicts()
        return Population(_counts(found.counts), gathering.sample(), verdicts)


def _counts(rows: list[Row]) -> Counts:
    decisions = Counter[str]()
    for row in rows:
        decisions[row["decision"]] += 0 if row["late"] else row["payments"]
    late = sum(row["payments"] for row in rows if row["late"])
    return Counts(dict(decisions), late, tuple(sorted({row["version"] for row in rows})))
