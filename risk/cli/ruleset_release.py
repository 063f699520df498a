"""The control group of a ruleset: what it releases in words, and its tests that came out wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from risk.engine.models.rollout import percent
from risk.engine.payment.currencies import MAJOR_UNIT
from risk.engine.rules import Ruleset
from risk.engine.rules.controlfile import CONTROL, run_release_cases
from risk.ops.ruleset_folder import shown


def told(ruleset: Ruleset) -> Iterator[str]:
    """A line on it; none for a ruleset that releases nothing."""
    if (one := ruleset.release) is not None:
        amounts = (f"{most / MAJOR_UNIT[name]:,g} {name}" for name, most in one.amounts.items())
        daily = (f"{name} {most:,}" for name, most in one.daily.items())
        yield (
            f"control group: {percent(one.share)} of blocked payments are released, up to "
            f"{', '.join((*amounts, *daily))}, salt {one.salt}"
        )


def wrong(folder: Path, places: Mapping[str, str], ruleset: Ruleset) -> Iterator[str]:
    """A line for each test that came out otherwise."""
    place = places.get(CONTROL, shown(folder / CONTROL))
    for case, may in run_release_cases(ruleset):
        if may is not case.hit:
            came = "may be released, expected not" if may else "may not be released, expected so"
            yield f"{place}:{case.line}: test {case.name!r}: {came}"
