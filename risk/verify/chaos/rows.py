"""How soon each store has the payments that were sent since a moment."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from risk.config.settings import Settings
from sinks import registry
from sinks.store import Ask, Payment, Tag

AGAIN_S: Final = 0.5  # after an error: the store may be away

Sent = Callable[[], Sequence[Payment]]
Tagged = Callable[[], Tag | None]


def stored(
    settings: Settings, tag: Tagged, sent: Sent, since: float, patience_s: float
) -> dict[str, float]:
    """How long after `since` each store had all of what was `sent`; one that never had is left out.

    `sent` is asked again until it says something, and so is `tag`, under which they are stored.
    """
    deadline = time.monotonic() + patience_s

    def one(name: str) -> float | None:
        return _one(name, settings, tag, sent, deadline)

    names = registry.names()
    with ThreadPoolExecutor(max_workers=len(names)) as pool:
        found = dict(zip(names, pool.map(one, names), strict=True))
    return {name: round(at - since, 2) for name, at in found.items() if at is not None}


def _one(name: str, settings: Settings, tag: Tagged, sent: Sent, deadline: float) -> float | None:
    """When the store had them."""
    loaded = registry.load(name)
    ask: Ask | None = None
    while time.monotonic() < deadline:
        under, wanted = tag(), sent()
        if under is None or not wanted:
            time.sleep(AGAIN_S)
            continue
        try:
            ask = ask or loaded.probe(settings, under)
            if ask(wanted) >= set(wanted):
                return time.monotonic()
        except Exception:  # whatever the store's client raises: the store is away
            ask = None
            time.sleep(AGAIN_S)
        time.sleep(max(loaded.PROBE_PAUSE_S, 0.1))
    return None
