"""What is known of the payments of a span of time: a sample of them by column, and their counts."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from risk.verify.drift.measures import Numbers

SCORE = "score"


class Column(NamedTuple):
    """The values of the payments that have one, as 64-bit fractions; true is 1.

    `whole`: all of them are whole numbers or booleans.
    """

    values: Numbers
    whole: bool


class Sample(NamedTuple):
    """Some payments of a span, by column."""

    rows: int
    score: Column
    features: Mapping[str, Column]


class Verdicts(NamedTuple):
    """Of flagged payments, how many there are, and of how many it is known what became of them."""

    flagged: int = 0
    fraud: int = 0
    legitimate: int = 0


class Counts(NamedTuple):
    """How many payments there are in a span, none left out; those that were late are told apart."""

    decisions: Mapping[str, int]
    late: int = 0
    versions: tuple[int, ...] = ()  # of the ruleset, those that decided

    @property
    def payments(self) -> int:
        """Those in time: what is sampled, and whose decisions are compared."""
        return sum(self.decisions.values())


class Population(NamedTuple):
    """One side of a comparison."""

    counts: Counts
    sample: Sample
    verdicts: Verdicts = Verdicts()


class Gathering:
    """Makes a sample of rows, one after the other; their order doesn't matter to any measure."""

    def __init__(self) -> None:
        self.rows = 0
        self._score = _Growing()
        self._features: dict[str, _Growing] = {}

    def add(self, score: int, features: Mapping[str, Any]) -> None:
        """Take in a payment. What is neither a number nor a boolean counts as not there."""
        self.rows += 1
        self._score.add(score)
        for name, value in features.items():
            if isinstance(value, int | float) and value == value:
                self._features.setdefault(name, _Growing()).add(value)

    def sample(self) -> Sample:
        """All so far."""
        features = {name: found.column() for name, found in sorted(self._features.items())}
        return Sample(self.rows, self._score.column(), features)


class _Growing:
    def __init__(self) -> None:
        self._values, self._whole = array("d"), True

    def add(self, value: float) -> None:
        self._values.append(float(value))
        self._whole = self._whole and isinstance(value, int)

    def column(self) -> Column:
        return Column(np.array(self._values, np.float64), self._whole)
