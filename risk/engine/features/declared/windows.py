"""The code of a look-back window: entries join it and leave it, one by one."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from risk.engine.features.catalogue import FeatureValue
from risk.engine.features.cursor import Sliding
from risk.engine.features.declared.aggregates import Aggregate, by_condition, earlier, needed, ratio
from risk.engine.features.entry import Entry
from risk.engine.rules.declaration import Declaration


def window_code(
    name: str, features: Sequence[tuple[Declaration, int]], of_verdicts: bool = False
) -> str:
    """A class `name` that is a `Sliding` of these features, each with the number of its condition.

    They all have the same window. Of the verdicts on a payment the latest in the window counts.
    """
    kept = sorted({one for feature, where in features for one in needed(feature, where)})
    if of_verdicts:
        join, leave_, own = "more", "less", ["verdicts"]
    else:
        join, leave_, own = "add", "drop", []
    lines = [
        f"class {name}:",
        f'    """{", ".join(feature.name for feature, _ in features)}."""',
        "",
        f"    __slots__ = ({''.join(f'{one!r}, ' for one in [*own, *(k.name for k in kept)])})",
        "",
        "    def __init__(self):",
        *(f"        self.{one} = {{}}" for one in own),
        *(f"        self.{one.name} = {_EMPTY[one.what]}" for one in kept),
        "",
        *(_LATEST if of_verdicts else ()),
        f"    def {join}(self, e):",
        *_changes(kept, _JOIN),
        "",
        f"    def {leave_}(self, e):",
        *_changes(kept, _LEAVE),
        "",
        "    def read(self, e):",
        "        return (",
        *(f"            {_read(feature, where, 'self.')}," for feature, where in features),
        "        )",
        "",
        "    @staticmethod",
        "    def of(newest_first, far):",
        *([f"        return scanned({name}(), newest_first, far)"] if of_verdicts else []),
        *(() if of_verdicts else _scan(features, kept)),
    ]
    return "\n".join(lines)


def _scan(features: Sequence[tuple[Declaration, int]], kept: Sequence[Aggregate]) -> Iterator[str]:
    """The values in one pass over a few entries, for which a window needn't be kept up."""
    for one in kept:
        yield f"        {one.name} = {_FEW_EMPTY.get(one.what) or _EMPTY[one.what]}"
    values = [_read(feature, where, "") for feature, where in features]
    looks_at_itself = any("e." in value for value in values)
    if looks_at_itself:
        yield "        own = None"
    yield "        for e in newest_first:"
    yield "            if e.time <= far:"
    yield "                break"
    if looks_at_itself:
        yield "            own = own or e"
    yield from (f"    {line}" for line in _changes(kept, _FEW))
    for one in kept:
        if one.what == "ends":
            yield f"        {one.name}.sort()"
    if looks_at_itself:
        yield "        e = own"
    yield "        return ("
    yield from (f"            {value}," for value in values)
    yield "        )"


_LATEST = (
    "    def add(self, e):",
    "        enter(self, e)",
    "",
    "    def drop(self, e):",
    "        depart(self, e)",
    "",
)
_EMPTY = {"n": "0", "sum": "0", "sq": "0", "distinct": "{}", "ends": "[]"}
_JOIN = {
    "n": "self.{name} += 1",
    "sum": "self.{name} += e.{of}",
    "sq": "self.{name} += e.{of} * e.{of}",
    "distinct": "self.{name}[e.{of}] = self.{name}.get(e.{of}, 0) + 1",
    "ends": "insort(self.{name}, e.{of})",
}
_LEAVE = {
    "n": "self.{name} -= 1",
    "sum": "self.{name} -= e.{of}",
    "sq": "self.{name} -= e.{of} * e.{of}",
    "distinct": "leave(self.{name}, e.{of})",
    "ends": "del self.{name}[bisect_left(self.{name}, e.{of})]",
}

_FEW = {
    "n": "{name} += 1",
    "sum": "{name} += e.{of}",
    "sq": "{name} += e.{of} * e.{of}",
    "distinct": "{name}.add(e.{of})",
    "ends": "{name}.append(e.{of})",
}
_FEW_EMPTY = {"distinct": "set()"}


def _changes(kept: Sequence[Aggregate], how: dict[str, str]) -> Iterator[str]:
    for condition, aggregates in by_condition(kept):
        if condition:
            yield f"        if {condition}:"
        for one in aggregates:
            gap = " " * (12 if condition else 8)
            yield gap + how[one.what].format(name=one.name, of=one.of)


def _read(feature: Declaration, where: int, prefix: str) -> str:
    names = [f"{prefix}{one.name}" for one in needed(feature, where)]
    if feature.value == "ratio":
        return ratio(names, where, feature.of)
    if feature.value == "earlier":
        return earlier(names, where)
    return (
        {
            "count": "{0}",
            "sum": "bounded({0})",
            "mean": "mean({0}, {1})",
            "stddev": "deviation({0}, {1}, {2})",
            "min": "{0}[0] if {0} else 0",
            "max": "{0}[-1] if {0} else 0",
            "distinct": "len({0})",
        }[feature.value].format(*names)
        if names
        else ""
    )


class Latest(Protocol):
    """A window of verdicts: those on each payment, and how one is counted in and out."""

    verdicts: dict[tuple[str, str], list[Any]]

    def more(self, e: Entry) -> None:
        """Count one in."""

    def less(self, e: Entry) -> None:
        """Count one out."""


def scanned(window: Sliding, newest_first: Iterator[Entry], far: int) -> tuple[FeatureValue, ...]:
    """The features of the first of these entries, of a window that is empty yet."""
    first = next(newest_first)
    window.add(first)
    for entry in newest_first:
        if entry.time <= far:
            break
        window.add(entry)
    return window.read(first)


def enter(window: Latest, entry: Any) -> None:
    """A verdict comes into the window: it counts unless a later one on the payment does."""
    if not (entry.flags or entry.was):
        return
    found = window.verdicts.setdefault((entry.user_id, entry.event_id), [])
    before = found[-1] if found else None
    insort(found, entry)
    if found[-1] is not before:
        if before is not None:
            window.less(before)
        window.more(entry)


def depart(window: Latest, entry: Any) -> None:
    """A verdict leaves the window: the one before it counts again, if that is still there."""
    if not (entry.flags or entry.was):
        return
    payment = entry.user_id, entry.event_id
    found = window.verdicts[payment]
    counted = found[-1] == entry
    found.remove(entry)
    if counted:
        window.less(entry)
        if found:
            window.more(found[-1])
    if not found:
        del window.verdicts[payment]


def leave(counts: dict[object, int], value: object) -> None:
    """Count a value one less; it goes with the last."""
    left = counts[value] - 1
    if left:
        counts[value] = left
    else:
        del counts[value]
