"""Corrections that come at once, one for each event: two stages may know something new of it."""

from __future__ import annotations

from collections.abc import Iterable

from risk.engine.stages.base import Correction


class Merged:
    """These, and what is added; of one event the later value of a feature stands."""

    def __init__(self, corrections: Iterable[Correction]) -> None:
        self._by_event: dict[tuple[str, str, int], Correction] = {}
        for one in corrections:
            self.add(one)

    def add(self, one: Correction) -> None:
        """A further one."""
        event = one.user_id, one.event_id, one.event_time
        self._by_event.setdefault(event, one).features.update(one.features)

    def all(self) -> list[Correction]:
        """One for each event, in the order in which events first came."""
        return list(self._by_event.values())
