"""The rulesets that live runs had lately: what those emitted is still corrected."""

from __future__ import annotations

from typing import Final

from risk.config.settings import Settings
from risk.ops.rulesets import tag
from risk.registry import runs

MOST: Final = 8  # so many back; what earlier ones emitted has settled long since


def live_rulesets(settings: Settings) -> list[tuple[str, ...]]:
    """The tags of each run's ruleset and of the one in its shadow, if any: the latest first.

    Raises `Unavailable`.
    """
    seen: dict[tuple[str, ...], None] = {}
    for run in runs.list_runs(settings):
        if run.kind == "live":
            pair = tag(run.ruleset, run.ruleset_version), run.shadow
            seen.setdefault(tuple(name for name in pair if name))
    return list(seen)[:MOST]
