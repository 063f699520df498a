"""Decisions in their order, and what a change of decision was caused by, in words."""

from __future__ import annotations

from risk.verify.diff.report import CauseCount

ORDER = ("ALLOW", "REVIEW", "BLOCK")


def cause_name(cause: CauseCount) -> str:
    """What a cause is, in words."""
    return {
        "added": "new rule",
        "removed": "rule left out",
        "condition": "other condition",
        "points": "other points",
        "features": "other features",
        "threshold": "thresholds",
        "release": "released by one",
    }[cause.why]
