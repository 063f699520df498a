"""Which events Redis shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from risk.cli.demonstration.probe import Look
from risk.cli.demonstration.tally import Identity
from risk.config.settings import Settings
from sinks.redis import keys
from sinks.redis.client import connect

PAUSE_S = 0.01


def look(settings: Settings, ruleset: tuple[str, int]) -> Look:
    """A connection to ask by. Redis holds the live ruleset only."""
    client = connect(settings)

    def ask(events: Sequence[Identity]) -> set[str]:
        names = [keys.score_key(e.user_id, e.event_id, e.event_time) for e in events]
        values = cast("list[bytes | None]", client.mget(names))
        return {e.event_id for e, value in zip(events, values, strict=True) if value is not None}

    return ask
