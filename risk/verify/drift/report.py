"""What a search for drift says, ready to be shown. Shares are from 0 to 1, times in ms UTC.

Where a side has too few payments, no measure is told: it would be noise.
"""

from __future__ import annotations

import msgspec

from risk.verify.drift.levels import Level
from risk.verify.drift.measures import ShareInterval


class Span(msgspec.Struct, frozen=True):
    """The payments of a span of event time, `end` excluded, and how many of them were sampled."""

    begin: int
    end: int
    payments: int
    late: int
    sampled: int
    versions: tuple[int, ...]

    @property
    def per_hour(self) -> float:
        """The volume: payments in an hour, those that were late among them."""
        return (self.payments + self.late) * 3_600_000 / max(1, self.end - self.begin)


class Drift(msgspec.Struct, frozen=True):
    """How a feature, or the score, has moved.

    `n` are the sampled payments that have the feature at all; of all that were sampled, `neutral`
    is the share of those that don't, or whose value is that of a payment without a past.
    """

    name: str
    level: Level
    psi: float | None
    ks: float | None
    reference_n: int
    current_n: int
    reference_neutral: float
    current_neutral: float


class Decisions(msgspec.Struct, frozen=True):
    """Each decision's share of all payments in time, and how far these have moved."""

    level: Level
    reference: dict[str, float]
    current: dict[str, float]
    psi: float | None
    total_variation: float | None


class Precision(msgspec.Struct, frozen=True):
    """Of flagged payments with a verdict, the share that is fraud, with Wilson's 95 % interval.

    On both sides a verdict counts if it was known `age_ms` after its payment. `reference` and
    `current` are None where one side has too few; then `apart` is False.
    """

    age_ms: int
    reference_verdicts: int
    current_verdicts: int
    reference: ShareInterval | None
    current: ShareInterval | None
    apart: bool  # the intervals have nothing in common


class Bucket(msgspec.Struct, frozen=True):
    """A day or an hour of the current span against the whole reference; `feature` moved most."""

    span: Span
    level: Level
    feature: str
    feature_psi: float | None
    score_psi: float | None
    flagged: float


class Report(msgspec.Struct, frozen=True):
    """All of it. `features` come by their PSI, the highest first.

    `level` is the worst of features, score and decisions. Precision is for a person to judge.
    """

    ruleset: str
    level: Level
    reference: Span
    current: Span
    features: list[Drift]
    score: Drift
    decisions: Decisions
    precision: Precision
    buckets: list[Bucket] = []
