"""Whether a job that goes on from another's state has the history of all that its rulesets read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from risk.config.settings import Settings
from risk.engine.rules import Ruleset
from risk.ops.live_rulesets import live_rulesets
from risk.ops.rulesets import choose
from risk.stack.process import Home

SHOWN = 3


def lacking(settings: Settings, home: Home, rulesets: Iterable[Ruleset]) -> Sequence[str]:
    """The names of declared features that these rulesets read, and the last live run didn't keep.

    It kept those of its own rulesets, and of the runs before it, which it still corrected. Where no
    run is noted, none is said to lack. Raises `UserError`, `Unavailable`.
    """
    wanted = {one.slot: one.name for ruleset in rulesets for one in ruleset.features}
    kept = live_rulesets(settings) if wanted else []
    if not kept:
        return ()
    for names in kept:
        for name in names:
            for one in choose(settings, home, name).ruleset.features:
                wanted.pop(one.slot, None)
    return sorted(wanted.values())


def told(names: Sequence[str]) -> str:
    """A few of the names, as a message has them."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
