"""A stage of the catalogue's features."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from risk.engine.features.entry import Entry
from risk.engine.stages.codec import unpack
from risk.engine.stages.declared import ENTRY, DeclaredStage
from risk.engine.stages.former import Former, Parts
from risk.engine.stages.layout import UNNAMED, Moves


class BuiltInStage(DeclaredStage):
    """Takes up what it kept when its features were classes written by hand, too.

    `former_fold` is what the layout called their fold; empty if there was none.
    """

    former_fold: str = ""

    def former_entry(self, key: str, row: Sequence[Any]) -> tuple[str, Entry]:
        """The key as it is now, and the entry of a row of then."""
        raise NotImplementedError

    def former_parts(self, fold: Parts) -> Parts:
        """The parts of now of a fold of then, both by name; those by currency as such parts."""
        raise NotImplementedError

    def unpacked(self, packed: Sequence[tuple[str, Sequence[Any]]]) -> Iterator[tuple[str, Entry]]:
        """Batches of then have no first row that says what the others hold."""
        if packed and packed[0][0] != ENTRY:
            return (self.former_entry(key, row) for key, row in packed)
        return super().unpacked(packed)

    def moved(self, layout: bytes | None) -> Moves:
        """By name, and folds of then part by part. Of the first ones there is no layout."""
        told = unpack(layout) if layout else UNNAMED
        if self.former_fold not in told:
            return super().moved(layout)
        super().moved(None)  # from now on the store tells of the parts of now
        return Former(told[self.former_fold], self.former_parts, self.parts_now())
