"""The code of values that look back at single earlier payments of a key.

An earlier payment counts if it meets the condition, and within `window` ms before the present one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from risk.engine.features.catalogue import HOUR, SECOND
from risk.engine.features.declared.aggregates import Numbered, counted
from risk.engine.features.declared.pieces import NEVER, Field, Piece, indented, shown, when
from risk.engine.rules.declaration import KNOWN, entry_field

Part = Callable[[str], str]  # what something of a chain is called in state


def chain_piece(features: Numbered, conditions: Sequence[str]) -> Piece:
    """These features, which are of one kind, field, window and condition."""
    one, where = features[0]
    suffix = shown(features) + (f"_where{where}" if where >= 0 else "")
    met = f" where {conditions[where]}" if where >= 0 else ""

    def part(what: str) -> str:
        return f"{shown(features)} {what}{met}"

    make: dict[str, Callable[[Numbered, str, Part], Piece]] = {
        "previous": _previous,
        "since": _since,
        "new": _new,
        "distance": _moves,
        "speed": _moves,
    }
    return make[one.value](features, suffix, part)


def _previous(features: Numbered, suffix: str, part: Part) -> Piece:
    """The number that the payment before had; 0 if there is none."""
    one, where = features[0]
    of = entry_field(one.of)
    last, had = f"last_{of}_{suffix}", f"{of}_{suffix}"
    count = list(when(counted(of, where), [f"self.{last} = e.time", f"self.{had} = e.{of}"]))
    before = f"{had} = self.{had} if e.time - self.{last} < {one.window} else 0"
    fields = [
        Field(last, "int", str(NEVER), part(f"previous {of} at")),
        Field(had, "Any", "0", part(f"previous {of}")),
    ]
    return Piece(fields, count, [before, *count], [(each, had) for each, _ in features])


def _since(features: Numbered, suffix: str, part: Part) -> Piece:
    """Whole seconds since the payment before; those of the window if there is none."""
    one, where = features[0]
    name = f"last_{suffix}"
    count = list(when(counted("always", where), [f"self.{name} = e.time"]))
    before = f"since_{suffix} = min(e.time - self.{name}, {one.window}) // {SECOND}"
    fields = [Field(name, "int", str(NEVER), part("last"))]
    values = [(each, f"since_{suffix}") for each, _ in features]
    return Piece(fields, count, [before, *count], values)


def _new(features: Numbered, suffix: str, part: Part) -> Piece:
    """Whether the key has a past, but none with this value.

    The latest value and its last use are on their own, as most often it is the same again.
    """
    one, where = features[0]
    of = entry_field(one.of)
    new, last, at, others = (
        f"{name}_{of}_{suffix}" for name in ("new", "latest", "used", "others")
    )
    since = f"e.time - {one.window}"
    asked = f"is_new(self.{others}, self.{at}, e.{of}, {since})"
    changed = f"if e.{of} != self.{last}:"
    use = [
        changed,
        f"    use(self.{others}, self.{last}, self.{at}, e.{of})",
        f"    self.{last} = e.{of}",
        f"self.{at} = e.time",
    ]
    observe = [changed, f"    {new} = {asked}", *use[1:]]
    if where >= 0:
        observe = [changed, f"    {new} = {asked}", *when(f"e.flags & {1 << where}", use)]
    observe = [f"{new} = False", *when(counted(of, -1), observe)]
    fields = [
        Field(last, "Any", "None", part(f"latest {of}")),
        Field(at, "int", str(NEVER), part(f"latest {of} used")),
        Field(others, "list", "[]", part(f"other {of}")),
    ]
    values = [(each, new) for each, _ in features]
    return Piece(fields, list(when(counted(of, where), use)), observe, values)


def _moves(features: Numbered, suffix: str, part: Part) -> Piece:
    """Kilometres from the place before, and kilometres an hour over that in at least a second.

    Both are 0 if either payment has no place; (0, 0) is none.
    """
    window, where = features[0][0].window, features[0][1]
    names = [f"{name}_{suffix}" for name in ("placed", "lat", "lon")]
    placed, lat, lon = (f"self.{name}" for name in names)
    here = "e.lat is not None and e.lon is not None and (e.lat or e.lon)"
    now = list(
        when(
            counted("always", where),
            [f"{placed} = e.time", f"{lat} = e.lat", f"{lon} = e.lon"],
        )
    )
    distance, speed = f"distance_{suffix}", f"speed_{suffix}"
    looked = [f"{distance} = distance_km({lat}, {lon}, e.lat, e.lon)"]
    if any(each.value == "speed" for each, _ in features):
        hours = f"max(e.time - {placed}, {SECOND}) / {HOUR}"
        looked.append(f"{speed} = round({distance} / ({hours}), 3)")
    observe = [
        f"{distance} = {speed} = 0.0",
        f"if {here}:",
        f"    if e.time - {placed} < {window}:",
        *indented(looked, 2),
        *indented(now),
    ]
    neutral = (("int", str(NEVER)), ("float", "0.0"), ("float", "0.0"))
    fields = [
        Field(name, *own, part(what))
        for name, own, what in zip(names, neutral, ("place at", "lat", "lon"), strict=True)
    ]
    values = [(each, speed if each.value == "speed" else distance) for each, _ in features]
    return Piece(fields, list(when(here, now)), observe, values)


def is_new(others: Sequence[Any], used: int, value: Any, since: int) -> bool:
    """Whether others were used after `since`, but not this value. It isn't the latest, which was
    `used` then.

    `others` holds each value but that and the time of its last use, in the order of these.
    """
    if used <= since:
        return False
    values = others[::2]
    return value not in values or others[2 * values.index(value) + 1] <= since


def use(others: list[Any], latest: Any, used: int, value: Any) -> None:
    """Another value than the `latest` becomes that. Only so many are remembered."""
    values = others[::2]
    if value in values:
        place = 2 * values.index(value)
        del others[place : place + 2]
    if latest is not None:
        others += latest, used
    if len(others) >= 2 * KNOWN:
        del others[:2]
