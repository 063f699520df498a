"""From two sources to a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from risk.engine.features.catalogue import FeatureValue
from risk.verify.drift import compare
from risk.verify.drift.levels import worst
from risk.verify.drift.periods import Period
from risk.verify.drift.report import Bucket, Report, Span
from risk.verify.drift.sample import Population
from risk.verify.drift.sources import Say, Source


class Empty(Exception):
    """A side has no payments at all: `which` is "reference" or "current"."""

    def __init__(self, which: str) -> None:
        super().__init__(which)
        self.which = which


def build(
    ruleset: str,
    reference: Source,
    current: Source,
    neutral: Mapping[str, FeatureValue] = compare.NEUTRAL,
    age_ms: int = 0,
    parts: Sequence[Source] = (),
    say: Say = lambda words: None,
) -> Report:
    """Compare them, and each of the current side's `parts` with the whole reference.

    Verdicts are those known `age_ms` after their payments. Raises `Empty` and `Unavailable`.
    """
    then = _read("reference", reference, say)
    now = _read("current", current, say)
    found = report(ruleset, (reference.period, then), (current.period, now), neutral, age_ms)
    buckets = [
        _bucket(then, part.period, part.population(_about(f"part {at} of {len(parts)}", say)))
        for at, part in enumerate(parts, 1)
    ]
    return replace(found, buckets=buckets)


def report(
    ruleset: str,
    reference: tuple[Period, Population],
    current: tuple[Period, Population],
    neutral: Mapping[str, FeatureValue] = compare.NEUTRAL,
    age_ms: int = 0,
) -> Report:
    """Compare two sides that were read."""
    then, now = reference[1], current[1]
    features = compare.features(then.sample, now.sample, neutral)
    score = compare.score(then.sample, now.sample)
    decisions = compare.decisions(then.counts, now.counts)
    return Report(
        ruleset=ruleset,
        level=worst(*(one.level for one in features), score.level, decisions.level),
        reference=span(*reference),
        current=span(*current),
        features=features,
        score=score,
        decisions=decisions,
        precision=compare.precision(then.verdicts, now.verdicts, age_ms),
    )


def span(period: Period, found: Population) -> Span:
    """What is told of a side."""
    counts = found.counts
    return Span(*period, counts.payments, counts.late, found.sample.rows, counts.versions)


def _read(which: str, source: Source, say: Say) -> Population:
    found = source.population(_about(which, say))
    if not found.counts.payments and not found.counts.late:
        raise Empty(which)
    return found


def _about(what: str, say: Say) -> Say:
    return lambda words: say(f"{what}: {words}")


def _bucket(then: Population, period: Period, now: Population) -> Bucket:
    features = compare.features(then.sample, now.sample)
    score = compare.score(then.sample, now.sample)
    decisions = compare.decisions(then.counts, now.counts)
    most = next((one for one in features if one.psi is not None), None)
    return Bucket(
        span(period, now),
        worst(*(one.level for one in features), score.level, decisions.level),
        most.name if most else "",
        most.psi if most else None,
        score.psi,
        compare.flagged(now),
    )
