"""What the columns of a file hold: type, empty cells, distinct values, least and greatest."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from risk.engine.payment.redaction import redact_text
from risk.ops.imports.batch import Batch
from risk.ops.imports.cells import Cell

MOST_DISTINCT: Final = 1_000  # are counted; beyond, it is "more"
_SHOWN: Final = 40  # characters of a value
_TIME: Final = r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?"
# What texts may be, from the narrowest on: the first that all of them are is the guess.
_TEXTS: Final[tuple[tuple[str, Callable[[str], Any]], ...]] = (
    ("integer", re.compile(r"[-+]?[0-9]+").fullmatch),
    ("decimal", re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)").fullmatch),
    ("time", re.compile(_TIME).fullmatch),
    ("text", lambda text: True),
)


class Column(msgspec.Struct):
    """A column's profile. `empty` is a share; `distinct` None for more than are counted.

    `example` is its first value; no card number is shown.
    """

    name: str
    type: str
    empty: float
    distinct: int | None
    least: str
    greatest: str
    example: str


class _Column:
    def __init__(self) -> None:
        self.guess = 0  # among _TEXTS
        self.kinds: set[str] = set()
        self.cells = self.empty = 0
        self.distinct: set[Any] | None = set()
        self.bounds: dict[str, tuple[Any, Any]] = {}
        self.example: Cell = None

    def add(self, cells: Sequence[Cell]) -> None:
        self.cells += len(cells)
        filled = cells
        if None in cells or "" in cells:
            filled = [cell for cell in cells if cell is not None and cell != ""]
        self.empty += len(cells) - len(filled)
        if not filled:
            return
        if self.example is None:
            self.example = filled[0]
        try:
            if self.distinct is not None:
                self.distinct.update(filled)
                if len(self.distinct) > MOST_DISTINCT:
                    self.distinct = None
        except TypeError:  # lists
            self.distinct = None
        kinds = set(map(type, filled))
        for kind in kinds:
            alike = filled if len(kinds) == 1 else [c for c in filled if type(c) is kind]
            self._of_kind(kind, alike)

    def _of_kind(self, kind: type, cells: Sequence[Any]) -> None:
        name = {bool: "boolean", int: "integer", float: "decimal", Decimal: "decimal"}.get(kind)
        if kind is str:
            while not all(map(_TEXTS[self.guess][1], cells)):
                self.guess += 1
            if _TEXTS[self.guess][0] in ("integer", "decimal"):
                numbers = list(map(Decimal, cells))
                self._bound("number", min(numbers), max(numbers))
            self._bound("text", min(cells), max(cells))
            self.kinds.add("text")
            return
        name = name or ("time" if issubclass(kind, datetime) else kind.__name__)
        self.kinds.add(name)
        if name in ("integer", "decimal", "boolean", "time"):
            self._bound(name, min(cells), max(cells))

    def _bound(self, name: str, least: Any, greatest: Any) -> None:
        if name in self.bounds:
            least, greatest = min(least, self.bounds[name][0]), max(greatest, self.bounds[name][1])
        self.bounds[name] = least, greatest

    def told(self, name: str) -> Column:
        guess = _TEXTS[self.guess][0]
        kinds = {guess if kind == "text" else kind for kind in self.kinds}
        numeric = self.kinds == {"text"} and guess in ("integer", "decimal")
        key = "number" if numeric else next(iter(self.kinds), "") if len(self.kinds) == 1 else ""
        least, greatest = self.bounds.get(key, (None, None))
        return Column(
            name,
            " or ".join(sorted(kinds)) or "empty",
            round(self.empty / self.cells, 4) if self.cells else 0.0,
            None if self.distinct is None else len(self.distinct),
            _shown(least),
            _shown(greatest),
            _shown(self.example),
        )


class Profile:
    """The profiles of all columns, as batches are read."""

    def __init__(self) -> None:
        self._columns: dict[str, _Column] = {}
        self._rows = 0

    def add(self, batch: Batch) -> None:
        """The next rows."""
        for name, cells in batch.columns.items():
            if name not in self._columns:
                self._columns[name] = _Column()
                self._columns[name].cells = self._columns[name].empty = self._rows
            self._columns[name].add(cells)
        for name in self._columns.keys() - batch.columns.keys():
            self._columns[name].cells += batch.size
            self._columns[name].empty += batch.size
        self._rows += batch.size

    def columns(self) -> list[Column]:
        """What was found, in the order of the file."""
        return [column.told(name) for name, column in self._columns.items()]


def _shown(cell: Cell) -> str:
    if cell is None:
        return ""
    text = redact_text(str(cell))
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
