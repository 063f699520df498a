"""The rulesets that payments were scored by, as they ran: read from the archive once."""

from __future__ import annotations

import threading
from typing import Final

from risk.config.settings import Settings
from risk.engine.rules import InvalidRuleset, Ruleset, load
from risk.registry import rulesets

MOST: Final = 8  # that are kept: of more the one that was read first goes


class ArchivedRulesets:
    """Reads them when they are asked for. Threads may share it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._known: dict[tuple[str, int], Ruleset] = {}
        self._lock = threading.Lock()

    def get(self, name: str, version: int) -> Ruleset | None:
        """The ruleset as it ran; None if the archive doesn't have it. Raises `Unavailable`."""
        with self._lock:
            known = self._known.get((name, version))
        if known is not None:
            return known
        try:
            found = rulesets.get(self._settings, name, version)
            if found is None:
                return None
            ruleset = load(found.files, found.ruleset)
        except (rulesets.Unusable, InvalidRuleset):
            return None
        with self._lock:
            while len(self._known) >= MOST:
                del self._known[next(iter(self._known))]
            self._known[name, version] = ruleset
        return ruleset
