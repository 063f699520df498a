"""Scores by several versions of one ruleset, where all of them saw the same of a payment."""

from __future__ import annotations

from collections.abc import Iterable

from risk.engine.rules import Ruleset
from risk.errors import UserError
from risk.ops.rulesets import tag


def newest(rulesets: Iterable[Ruleset]) -> Ruleset:
    """The latest of some versions. Raises `UserError` unless all declare the same features.

    Other rules or models decide otherwise, but what is logged of a payment means the same.
    """
    *others, last = sorted(rulesets, key=lambda one: one.version)
    wanted = {one.name: one.digest for one in last.features}
    for other in others:
        found = {one.name: one.digest for one in other.features}
        if differing := sorted(dict(wanted.items() ^ found.items())):
            raise UserError(
                f"{tag(other.name, other.version)} and {tag(last.name, last.version)} don't have "
                f"the same features ({', '.join(differing[:5])}): take days of one of them alone, "
                "or score all of them by one: `risk replay`, then --run"
            )
    return last
