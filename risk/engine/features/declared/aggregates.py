"""The sums, counts and sets that values are read from, and the code that keeps each.

Features of one span share them: a mean and a sum of the same field have one sum. All code is text
made of names that were checked before; `e` is an entry.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal, NamedTuple

from risk.engine.payment.transaction import OPTIONAL
from risk.engine.rules.declaration import Declaration, entry_field

What = Literal["n", "sum", "sq", "distinct", "least", "greatest", "first"]
Numbered = Sequence[tuple[Declaration, int]]  # features, and the numbers of their conditions
ALWAYS: Final = "always"  # the field of a count of payments
REQUIRED: Final = frozenset({ALWAYS, "amount", "currency", "user_id"})  # each payment has these
TEXTS: Final = frozenset(OPTIONAL) - {"lat", "lon"}  # empty where a payment lacks them


class Aggregate(NamedTuple):
    """What is kept of a field of those entries that have it and meet the condition of number
    `where`; -1 if there is none.

    `n` counts, `sum` and `sq` add up numbers and their squares, `distinct` counts each value,
    `first` is that of the first entry.
    """

    where: int
    of: str
    what: What

    @property
    def name(self) -> str:
        """Of its attribute."""
        return self.called(self.what)

    def called(self, what: str) -> str:
        """The name of the attribute of something that is kept instead."""
        mark = "" if self.where < 0 else f"_where{self.where}"
        return f"{what}_{self.of}{mark}"

    @property
    def condition(self) -> str:
        """When an entry counts; empty if always."""
        return counted(self.of, self.where)

    def part(self, conditions: Sequence[str]) -> str:
        """What it is called in state: the same whatever else is declared."""
        mark = f" where {conditions[self.where]}" if self.where >= 0 else ""
        return f"{self.what} {self.of}{mark}"


def counted(of: str, where: int, e: str = "e") -> str:
    """When an entry counts, for what is made of its field: it has it, and meets the condition."""
    parts = [f"{e}.flags & {1 << where}"] if where >= 0 else []
    if of in TEXTS:
        parts.append(f"{e}.{of}")
    elif of not in REQUIRED:
        parts.append(f"{e}.{of} is not None")
    return " and ".join(parts)


_NEEDED: Final[dict[str, tuple[What, ...]]] = {
    "count": ("n",),
    "sum": ("sum",),
    "mean": ("n", "sum"),
    "stddev": ("n", "sum", "sq"),
    "min": ("least",),
    "max": ("greatest",),
    "distinct": ("distinct",),
    "earlier": ("n",),
    "ratio": ("n", "sum"),
    "first": ("first",),
    "duration": (),
}


def needed(feature: Declaration, where: int) -> list[Aggregate]:
    """What a feature is read from, in the order in which `value` takes them."""
    of = entry_field(feature.of) or ALWAYS
    counted_as = ALWAYS if of in REQUIRED else of
    return [
        Aggregate(where, counted_as if what == "n" else of, what) for what in _NEEDED[feature.value]
    ]


def kept_for(features: Numbered) -> list[Aggregate]:
    """What features of one span are read from, each once."""
    return sorted({one for feature, where in features for one in needed(feature, where)})


def by_condition(aggregates: Sequence[Aggregate]) -> Iterator[tuple[str, list[Aggregate]]]:
    """Aggregates by the condition under which an entry counts."""
    found: dict[str, list[Aggregate]] = {}
    for one in aggregates:
        found.setdefault(one.condition, []).append(one)
    yield from found.items()


def value(feature: Declaration, where: int, read: Sequence[str]) -> str:
    """The value at the entry `e`, which counts; `read` is what it is made of, as `needed`."""
    of = entry_field(feature.of)
    if feature.value == "earlier":
        own = counted(ALWAYS, where)
        return f"({read[0]} - 1 if {own} else {read[0]})" if own else f"{read[0]} - 1"
    if feature.value == "ratio":
        count, total = read
        own = counted(of, where)
        earlier = f"ratio(e.{of}, {count} - 1, {total} - e.{of})"
        others = f"ratio(e.{of} or 0, {count}, {total})"
        return f"({earlier} if {own} else {others})" if own else earlier
    return {
        "count": "{0}",
        "sum": "bounded({0})",
        "mean": "mean({0}, {1})",
        "stddev": "deviation({0}, {1}, {2})",
        "min": "{0}",
        "max": "{0}",
        "distinct": "{0}",
        "first": "{0}",
    }[feature.value].format(*read)
