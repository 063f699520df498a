"""The control group of a ruleset: what it releases, in words."""

from __future__ import annotations

from collections.abc import Iterator

from risk.engine.models.rollout import percent
from risk.engine.payment.currencies import MAJOR_UNIT
from risk.engine.rules import Ruleset


def told(ruleset: Ruleset) -> Iterator[str]:
    """A line on it; none for a ruleset that releases nothing."""
    if (one := ruleset.release) is not None:
        amounts = (f"{most / MAJOR_UNIT[name]:,g} {name}" for name, most in one.amounts.items())
        daily = (f"{name} {most:,}" for name, most in one.daily.items())
        yield (
            f"control group: {percent(one.share)} of blocked payments are released, up to "
            f"{', '.join((*amounts, *daily))}, salt {one.salt}"
        )
