"""The oracle: every outcome, feature and score by brute force, straight from the definitions.

It shares no code with the stages, so that a mistake would have to be made twice to go unseen.
"""

from risk.oracle.expected import Expected, Settled, expected
from risk.oracle.outcomes import Consumed, Judged, Place, outcomes, too_large

__all__ = [
    "Consumed",
    "Expected",
    "Judged",
    "Place",
    "Settled",
    "expected",
    "outcomes",
    "too_large",
]
