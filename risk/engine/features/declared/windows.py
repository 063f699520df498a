"""The code of a look-back window: entries join it and leave it, one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from risk.engine.features.declared.aggregates import Aggregate, by_condition, needed, ratio
from risk.engine.rules.declaration import Declaration


def window_code(name: str, features: Sequence[tuple[Declaration, int]]) -> str:
    """A class `name` that is a `Sliding` of these features, each with the number of its condition.

    They all have the same window.
    """
    kept = sorted({one for feature, where in features for one in needed(feature, where)})
    lines = [
        f"class {name}:",
        f'    """{", ".join(feature.name for feature, _ in features)}."""',
        "",
        f"    __slots__ = ({''.join(f'{one.name!r}, ' for one in kept)})",
        "",
        "    def __init__(self):",
        *(f"        self.{one.name} = {_EMPTY[one.what]}" for one in kept),
        "",
        "    def add(self, e):",
        *_changes(kept, _JOIN),
        "",
        "    def drop(self, e):",
        *_changes(kept, _LEAVE),
        "",
        "    def read(self, e):",
        "        return (",
        *(f"            {_read(feature, where)}," for feature, where in features),
        "        )",
    ]
    return "\n".join(lines)


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


def _changes(kept: Sequence[Aggregate], how: dict[str, str]) -> Iterator[str]:
    for condition, aggregates in by_condition(kept):
        if condition:
            yield f"        if {condition}:"
        for one in aggregates:
            gap = " " * (12 if condition else 8)
            yield gap + how[one.what].format(name=one.name, of=one.of)


def _read(feature: Declaration, where: int) -> str:
    names = [f"self.{one.name}" for one in needed(feature, where)]
    if feature.value == "ratio":
        return ratio(names, where, feature.of)
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


def leave(counts: dict[object, int], value: object) -> None:
    """Count a value one less; it goes with the last."""
    left = counts[value] - 1
    if left:
        counts[value] = left
    else:
        del counts[value]
