"""The sums, counts and sets that values are read from, and the code that keeps each.

Features of one span share them: a mean and a sum of the same field have one sum. All code is text
made of names that were checked before; `e` is an entry.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal, NamedTuple

from risk.engine.rules.declaration import Declaration, entry_field

What = Literal["n", "sum", "sq", "distinct", "ends", "first"]
ALWAYS: Final = "always"  # the field of a count of payments
REQUIRED: Final = frozenset({ALWAYS, "amount", "currency", "user_id"})  # each payment has these


class Aggregate(NamedTuple):
    """What is kept of a field of those entries that have it and meet the condition of number
    `where`; -1 if there is none.

    `n` counts, `sum` and `sq` add up numbers and their squares, `distinct` counts each value,
    `ends` are the least and the greatest, `first` is that of the first entry.
    """

    where: int
    of: str
    what: What

    @property
    def name(self) -> str:
        """Of its attribute."""
        mark = "" if self.where < 0 else f"_where{self.where}"
        return f"{self.what}_{self.of}{mark}"

    @property
    def condition(self) -> str:
        """When an entry counts; empty if always."""
        parts = [f"e.flags & {1 << self.where}"] if self.where >= 0 else []
        parts += [f"e.{self.of} is not None"] if self.of not in REQUIRED else []
        return " and ".join(parts)


def needed(feature: Declaration, where: int) -> list[Aggregate]:
    """What a feature is read from, in the order in which `read` has their names."""
    of = entry_field(feature.of) or ALWAYS
    what: dict[str, tuple[What, ...]] = {
        "count": ("n",),
        "sum": ("sum",),
        "mean": ("n", "sum"),
        "stddev": ("n", "sum", "sq"),
        "min": ("ends",),
        "max": ("ends",),
        "distinct": ("distinct",),
        "earlier": ("n",),
        "ratio": ("n", "sum"),
        "first": ("first",),
        "duration": (),
    }
    return [Aggregate(where, of, kept) for kept in what[feature.value]]


def by_condition(aggregates: Sequence[Aggregate]) -> Iterator[tuple[str, list[Aggregate]]]:
    """Aggregates by the condition under which an entry counts."""
    found: dict[str, list[Aggregate]] = {}
    for one in aggregates:
        found.setdefault(one.condition, []).append(one)
    yield from found.items()


def earlier(names: Sequence[str], where: int) -> str:
    """How many counted before a payment, which `names` count with it if it meets the condition."""
    (count,) = names
    own = Aggregate(where, ALWAYS, "n").condition
    return f"({count} - 1 if {own} else {count})" if own else f"{count} - 1"


def ratio(names: Sequence[str], where: int, field: str) -> str:
    """A payment's number over the mean of the earlier ones, which `names` count with it."""
    count, total = names
    of = entry_field(field)
    counted = Aggregate(where, of, "n").condition
    earlier = f"ratio(e.{of}, {count} - 1, {total} - e.{of})"
    return (
        f"({earlier} if {counted} else ratio(e.{of} or 0, {count}, {total}))"
        if counted
        else earlier
    )
