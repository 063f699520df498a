"""By what names state holds values that are stored by position: told once a store, not in a row.

State may have been written under another catalogue of features, or by code whose folds had other
parts. What is loaded of it is moved by name, and written again as it is now. What travels between
shards says its names in each parcel.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Protocol

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


# What the layout of a stage calls the parts of its folds, and of those by currency in them.
FOLD: Final = "features"
BY_CURRENCY: Final = "by currency"

WAY_OUT: Final = (
    "start it from the code that wrote it, or without the savepoint (`risk submit all --anew`)"
)


class UnknownLayout(Exception):
    """State holds other values than the names it tells."""


def of_earlier_code(what: str) -> str:
    """Why state can't be read that is of another form, and what to do."""
    return f"state of {what}: earlier code wrote it in another form: {WAY_OUT}"


class Moves(Protocol):
    """How stored values become such as they are now."""

    @property
    def needed(self) -> bool:
        """Whether they are not so already."""

    def __call__(self, values: Sequence[Any]) -> list[Any]:
        """The values by position. Raises `UnknownLayout`."""


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
                f"{', '.join(self._there)}: {WAY_OUT}"
            )
        return list(self.named(dict(zip(self._there, values, strict=True))).values())

    def place(self, name: str) -> int:
        """Where the value of a name now is."""
        return list(self._now).index(name)

    def named(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values by name."""
        return {name: values.get(name, neutral) for name, neutral in self._now.items()}


class Nested:
    """Moves values, and such values within them: one of them may be some, one a dict of these."""

    def __init__(self, outer: Move, inner: Move, one: str, several: str) -> None:
        self._outer, self._inner = outer, inner
        self._one, self._several = outer.place(one), outer.place(several)
        self.needed = outer.needed or inner.needed

    def __call__(self, values: Sequence[Any]) -> list[Any]:
        """The values by position. Raises `UnknownLayout`."""
        found, inner = self._outer(values), self._inner
        one, several = found[self._one], found[self._several]
        found[self._one] = None if one is None else inner(one)
        found[self._several] = {key: inner(each) for key, each in several.items()}
        return found


def take_up(
    store: Store, kept: bytes | None, now: Mapping[str, Mapping[str, Any]]
) -> dict[str, Move]:
    """How what the store holds is moved, `kept` being its `LAYOUT`: for each that `now` names, with
    the neutral values by name. From now on the layout tells these.

    The caller writes again what it moves: both get into one checkpoint, or neither does. Raises
    `UnknownLayout` of a store that tells of other things.
    """
    told = unpack(kept) if kept else UNNAMED
    if kept and not told.keys() & now.keys():
        raise UnknownLayout(of_earlier_code(", ".join(told)))
    moves = {what: Move(what, told.get(what, tuple(own)), own) for what, own in now.items()}
    if kept is None or told.keys() != now.keys() or any(one.needed for one in moves.values()):
        store.put(LAYOUT, pack({what: list(own) for what, own in now.items()}))
    return moves
