"""The oracle: every outcome, feature and score by brute force, straight from the definitions.

It shares no code with the stages, so that a mistake would have to be made twice to go unseen.
"""

from risk.engine.oracle.expected import Expected, Settled, expected
from risk.engine.oracle.outcomes import Consumed, Judged, Position, outcomes, too_large

__all__ = [
    "Consumed",
    "Expected",
    "Judged",
    "Position",
    "Settled",
    "expected",
    "outcomes",
    "too_large",
]
