"""Recall at fixed false-positive budgets, with the score as the ranking.

A budget is a share of the honest payments that may be flagged. All payments of one score are
flagged or none is, so that no order among equals is made up: the cut is the lowest score at which
the budget isn't exceeded, and what it really costs is told with it. Payments of score 0 are never
flagged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

import msgspec

BUDGETS = (0.001, 0.005, 0.01)
OTHER = "other"  # fraud of which no attack is told
MAX_SCORE = 100


class Cut(msgspec.Struct, frozen=True):
    """The lowest score that may be flagged within a budget; None if even 100 would exceed it."""

    budget: float
    score: int | None
    false_positives: int


class Recall(msgspec.Struct, frozen=True):
    """Fraudulent payments: how many the decisions flag, and the share found at each cut."""

    payments: int
    flagged: int
    at_budgets: list[float]


class Quality(msgspec.Struct, frozen=True):
    """All of it. `honest_flagged` are false positives of the decisions, REVIEW or BLOCK.

    `easy` and `hard` are over all payments of such attacks, each 0 payments if there are none.
    """

    honest: int
    honest_flagged: int
    cuts: list[Cut]
    attacks: dict[str, Recall]
    easy: Recall
    hard: Recall


class Ranking:
    """Counts labelled payments by attack, None for honest ones, and score."""

    def __init__(self) -> None:
        self._scores: dict[str | None, Counter[int]] = {None: Counter()}
        self._flagged: Counter[str | None] = Counter()

    def add(self, attack: str | None, score: int, flagged: bool) -> None:
        """One payment: its score, 0 to 100, and whether its decision is REVIEW or BLOCK."""
        self._scores.setdefault(attack, Counter())[score] += 1
        self._flagged[attack] += flagged

    def quality(self, hard: Collection[str]) -> Quality:
        """What it comes to; `hard` are the names of the hard attacks."""
        honest = self._scores[None]
        cuts = [cut(honest, budget) for budget in BUDGETS]
        names = sorted(name for name in self._scores if name is not None)
        return Quality(
            honest.total(),
            self._flagged[None],
            cuts,
            {name: self._recall([name], cuts) for name in names},
            easy=self._recall([name for name in names if name not in hard], cuts),
            hard=self._recall([name for name in names if name in hard], cuts),
        )

    def _recall(self, names: Collection[str], cuts: Iterable[Cut]) -> Recall:
        scores: Counter[int] = sum((self._scores[name] for name in names), Counter())
        payments = scores.total()
        found = [0 if one.score is None else _from(scores, one.score) for one in cuts]
        return Recall(
            payments,
            sum(self._flagged[name] for name in names),
            [n / payments if payments else 0.0 for n in found],
        )


def cut(honest: Counter[int], budget: float) -> Cut:
    """Where honest payments of such scores are cut for a budget."""
    most = budget * honest.total()
    lowest, cost = None, 0
    for score in range(MAX_SCORE, 0, -1):
        if cost + honest[score] > most:
            break
        cost += honest[score]
        lowest = score
    return Cut(budget, lowest, cost)


def _from(scores: Counter[int], lowest: int) -> int:
    return sum(count for score, count in scores.items() if score >= lowest)
