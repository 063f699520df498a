"""By what names state holds values that are stored by position: told once a store, not in a row.

State may have been written under another catalogue of features, or by code whose folds had other
parts. What is loaded of it is moved by name, and written again as it is now. What travels between
shards says its names in each parcel.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from risk.engine.stages.base import Store
from risk.engine.stages.codec import pack, unpack

LAYOUT: Final = "layout"  # the entry of a store: {what: names, in their order}

# The names of state that doesn't tell any: of the last code before it did. These never change.
UNNAMED: Final[dict[str, tuple[str, ...]]] = {
    "features": (
        "user_count_5m",
        "user_amount_5m",
        "user_merchants_5m",
        "user_micro_5m",
        "user_round_5m",
        "user_distance_km",
        "user_speed_kmh",
        "user_new_device",
        "user_new_country",
        "user_history_count",
        "user_amount_ratio",
        "ip_count_2m",
        "ip_users_2m",
        "device_session_ms",
        "device_session_events",
        "device_session_users",
    ),
    "profile": ("last", "place", "devices", "countries", "days"),
    "session": ("start", "last", "events", "users"),
}


class UnknownLayout(Exception):
    """State holds other values than the names it tells."""


class Move:
    """Puts values where their names now are, as `now` has them: names with neutral values.

    What has no name any more is dropped, and what is new has its neutral value.
    """

    def __init__(self, what: str, there: Iterable[str], now: Mapping[str, Any]) -> None:
        self._what, self._there, self._now = what, tuple(there), now
        self.needed = self._there != tuple(now)

    def __call__(self, values: Sequence[Any]) -> list[Any]:
        """The values by position. Raises `UnknownLayout`."""
        if len(values) != len(self._there):
            raise UnknownLayout(
                f"state of {self._what}: {len(values)} values stand for the names "
                f"{', '.join(self._there)}: start it from the code that wrote it, or without the "
                "savepoint (`risk submit all --anew`)"
            )
        return list(self.named(dict(zip(self._there, values, strict=True))).values())

    def named(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values by name."""
        return {name: values.get(name, neutral) for name, neutral in self._now.items()}


def take_up(store: Store, kept: bytes | None, what: str, now: Mapping[str, Any]) -> Move:
    """How what the store holds is moved, `kept` being its `LAYOUT`. From now on it tells `now`.

    The caller writes again what it moves: both get into one checkpoint, or neither does.
    """
    move = Move(what, unpack(kept)[what] if kept else UNNAMED.get(what, tuple(now)), now)
    if move.needed or kept is None:
        store.put(LAYOUT, pack({what: list(now)}))
    return move
