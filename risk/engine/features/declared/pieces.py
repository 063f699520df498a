"""What each span, and each look back, adds to the code of a key's fold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from risk.engine.features.declared.aggregates import Numbered
from risk.engine.rules import spans
from risk.engine.rules.declaration import Declaration

NEVER: Final = -(2**62)  # a time, or a step: before the window of any payment


class Field(NamedTuple):
    """An attribute of a fold: its type and neutral value as code, and its name in state."""

    name: str
    type: str
    neutral: str
    part: str

    @property
    def copied(self) -> str:
        """The code of a value that is alike, and stays so when this one changes."""
        own = f"self.{self.name}"
        if self.type in ("list", "dict"):
            return f"{own}.copy()"
        if self.type.startswith("dict["):  # of folds
            return f"{{of: one.copy() for of, one in {own}.items()}}"
        if self.type.endswith("| None"):
            return f"None if {own} is None else {own}.copy()"
        return own


@dataclass(frozen=True, slots=True)
class Piece:
    """Lines of code, none of them indented more than it is below the `def`.

    `count` counts the entry `e` in, `observe` does and leaves what `values` need: of each feature
    the expression of its value. `methods` are what both call. `commutes` is when an entry `e` may
    be counted in after later ones, `then` being the fold as it was before `e`; None is never.
    """

    fields: Sequence[Field]
    count: Sequence[str]
    observe: Sequence[str]
    values: Sequence[tuple[Declaration, str]]
    methods: Sequence[str] = ()
    commutes: Sequence[str] | None = None


def indented(lines: Iterable[str], depth: int = 1) -> Iterator[str]:
    """The lines, so much deeper."""
    return ("    " * depth + line if line else line for line in lines)


def when(condition: str, lines: Sequence[str]) -> Iterator[str]:
    """The lines under a condition; on their own if there is none."""
    if condition:
        yield f"if {condition}:"
        yield from indented(lines)
    else:
        yield from lines


def shown(features: Numbered) -> str:
    """The length of time that features have in common, as part of a name: `7d_1h`."""
    one = features[0][0]
    if one.session:
        return f"session_{spans.shown(one.session)}"
    step = f"_{spans.shown(one.step)}" if one.step else ""
    return spans.shown(one.window) + step
