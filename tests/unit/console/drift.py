"""Builds reports of drift."""

from __future__ import annotations

from risk.verify.drift.levels import level
from risk.verify.drift.report import Decisions, Drift, Precision, Report, Span

SPAN = Span(1_740_830_400_000, 1_740_916_800_000, 9_000, 3, 9_000, (4,))


def moved(name: str, psi: float | None) -> Drift:
    how = "too few" if psi is None else level(psi, 0.0)
    return Drift(name, how, psi, psi and 0.05, 9_000, 9_000, 0.25, 0.5)


def report(psi: float | None, features: int = 3) -> Report:
    """The score's PSI; the features' are less and less."""
    score = moved("score", psi)
    names = ("user_count_5m", *(f"feature_{n}" for n in range(1, features)))
    shares = {"ALLOW": 0.9, "REVIEW": 0.1}
    return Report(
        ruleset="default",
        level=score.level,
        reference=SPAN,
        current=SPAN,
        features=[moved(name, psi and psi / (1 + n)) for n, name in enumerate(names)],
        score=score,
        decisions=Decisions(score.level, shares, shares, psi, psi and 0.1),
        precision=Precision(0, 0, 0, None, None, False),
    )
