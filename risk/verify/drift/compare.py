"""One population against another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from risk.engine.features.catalogue import CATALOGUE, FIRST_AMOUNT, FeatureValue
from risk.verify.drift.bins import Bins
from risk.verify.drift.levels import LEAST_ROWS, LEAST_VERDICTS, level
from risk.verify.drift.measures import ks, psi, total_variation, wilson
from risk.verify.drift.report import Decisions, Drift, Precision
from risk.verify.drift.sample import SCORE, Column, Counts, Population, Sample, Verdicts

ORDER: Final = ("ALLOW", "REVIEW", "BLOCK")
# Of the catalogue's features, the value of a payment of whose key nothing is known. A sum of
# amounts has none: it holds at least the payment's own.
NEUTRAL: Final[Mapping[str, FeatureValue]] = {
    one.name: one.first for one in CATALOGUE if one.first != FIRST_AMOUNT
}
_NONE = Column(np.empty(0), whole=True)


def features(
    reference: Sample, current: Sample, neutral: Mapping[str, FeatureValue] = NEUTRAL
) -> list[Drift]:
    """Each feature that either has, those that moved most first. `neutral`: where it isn't 0."""
    names = sorted(reference.features.keys() | current.features.keys())
    found = [
        _drift(
            name,
            (reference.features.get(name, _NONE), reference.rows),
            (current.features.get(name, _NONE), current.rows),
            float(neutral.get(name, 0)),
        )
        for name in names
    ]
    return sorted(found, key=lambda one: -1.0 if one.psi is None else one.psi, reverse=True)


def score(reference: Sample, current: Sample) -> Drift:
    """The score from 0 to 100. Of it, `neutral` is the share of 0: no rule has hit."""
    return _drift(SCORE, (reference.score, reference.rows), (current.score, current.rows), 0.0)


def decisions(reference: Counts, current: Counts) -> Decisions:
    """The shares of ALLOW, REVIEW and BLOCK."""
    r, c = _shares(reference), _shares(current)
    few = min(reference.payments, current.payments) < LEAST_ROWS
    shares = np.array([*r.values()]), np.array([*c.values()])
    moved = None if few else psi(*shares)
    apart = None if few else total_variation(*shares)
    how = "too few" if moved is None or apart is None else level(moved, apart)
    return Decisions(how, r, c, moved, apart)


def precision(reference: Verdicts, current: Verdicts, age_ms: int) -> Precision:
    """How many of the flagged were fraud, of those of which it is known."""
    r, c = (one.fraud + one.legitimate for one in (reference, current))
    if min(r, c) < LEAST_VERDICTS:
        return Precision(age_ms, r, c, None, None, apart=False)
    was, now = wilson(reference.fraud, r), wilson(current.fraud, c)
    return Precision(age_ms, r, c, was, now, apart=was.low > now.high or now.low > was.high)


def flagged(population: Population) -> float:
    """The share of REVIEW and BLOCK."""
    shares = _shares(population.counts)
    return shares["REVIEW"] + shares["BLOCK"]


def _shares(counts: Counts) -> dict[str, float]:
    payments = max(1, counts.payments)
    return {name: counts.decisions.get(name, 0) / payments for name in ORDER}


def _drift(
    name: str, reference: tuple[Column, int], current: tuple[Column, int], neutral: float
) -> Drift:
    (was, of_was), (now, of_now) = reference, current
    n = len(was.values), len(now.values)
    at_rest = _neutral(was, of_was, neutral), _neutral(now, of_now, neutral)
    if min(n) < LEAST_ROWS:
        return Drift(name, "too few", None, None, *n, *at_rest)
    bins = Bins.of(was.values, was.whole)
    moved = psi(bins.shares(was.values), bins.shares(now.values))
    apart = ks(was.values, now.values)
    return Drift(name, level(moved, apart), moved, apart, *n, *at_rest)


def _neutral(column: Column, rows: int, neutral: float) -> float:
    known = len(column.values) - int(np.count_nonzero(column.values == neutral))
    return 1 - known / rows if rows else 0.0
