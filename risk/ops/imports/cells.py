"""One cell of a file: whether it is empty, and what it is as text or as a number. Exact, no floats.

A cell is what its format has: CSV only texts, JSON and Parquet numbers, booleans and times as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any, Final

Cell = Any  # str, int, float, Decimal, bool, datetime, None; a list or an object in JSON
Convert = Callable[[Cell], Any]
_NUMBER: Final = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?")
_MOST_BEFORE, _MOST_BEHIND = 308, 400  # digits: a double has no more before its point
_SHOWN: Final = 40  # characters of a cell in a message
_KINDS: Final[dict[type, str]] = {list: "a list", dict: "an object", bytes: "bytes"}
MISSING: Final = object()  # what becomes of an empty cell without a default


class Wrong(Exception):
    """A cell can't be what it has to be: the message says why."""


def quoted(cell: Cell) -> str:
    """A cell in a message: short, in one line."""
    text = cell if isinstance(cell, str) else str(cell)
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")


def text_of(cell: Cell) -> str:
    """A cell as text, without blanks around it: 7 and 7.0 are `7`, true is `true`."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int):
        return str(cell)
    if isinstance(cell, float | Decimal):
        number = exactly(cell)
        return str(int(number)) if number == number.to_integral_value() else format(number, "f")
    if isinstance(cell, datetime):
        return cell.isoformat()
    raise Wrong(f"{_KINDS.get(type(cell), type(cell).__name__)}, where one value is expected")


def exactly(cell: Cell) -> Decimal:
    """A cell as a number. Of a float it is the one that its shortest spelling says."""
    if isinstance(cell, str):
        text = cell.strip()
        if not _NUMBER.fullmatch(text):
            raise Wrong(f"{quoted(text)} is no number")
        cell = Decimal(text)
    elif isinstance(cell, float):
        cell = Decimal(repr(cell))
    if isinstance(cell, bool) or not isinstance(cell, int | Decimal):
        raise Wrong(f"{quoted(cell)} is no number")
    number = Decimal(cell)
    if not _can_be(number, 40):
        raise Wrong(f"{quoted(number)[1:-1]} is no number that a payment can have")
    return number


def _can_be(number: Decimal, most: int) -> bool:
    """Whether it has up to so many digits before its point, and some behind it.

    `1e999999999` is short, and written out it fills the memory.
    """
    exponent = number.as_tuple().exponent
    return isinstance(exponent, int) and number.adjusted() <= most and exponent >= -_MOST_BEHIND


def text(prefix: str, digits: int) -> Convert:
    """Texts with something in front, and zeros before them up to so many digits."""

    def convert(cell: Cell) -> str:
        found = str(cell) if type(cell) is int else text_of(cell)
        return prefix + (found.zfill(digits) if digits else found)

    return convert


def mapped(values: dict[str, Any], other: Any) -> Convert:
    """Each text for another; `other` for those that aren't named, unless it is `MISSING`."""

    def convert(cell: Cell) -> Any:
        found = values.get(text_of(cell), other)
        if found is MISSING:
            raise Wrong(f"{quoted(cell)} is not among the map's values")
        return found

    return convert


def number(cell: Cell) -> float:
    """A place's coordinate, or an attribute that is a number."""
    return float(exactly(cell))


def integer(cell: Cell) -> int:
    """A whole number."""
    if type(cell) is int:
        return cell
    found = exactly(cell)
    if found.adjusted() > 18 or found != found.to_integral_value():
        raise Wrong(f"{quoted(cell)} is no whole number")
    return int(found)


def boolean(cell: Cell) -> bool:
    """True or false, or what files write for them."""
    found = {"true": True, "1": True, "false": False, "0": False}.get(text_of(cell).lower())
    if found is None:
        raise Wrong(f"{quoted(cell)} is neither true nor false")
    return found


def as_read(cell: Cell) -> Any:
    """An attribute as the file has it; a number exactly if JSON can say it."""
    if isinstance(cell, Decimal):
        if not _can_be(cell, _MOST_BEFORE):
            raise Wrong(f"{quoted(cell)[1:-1]} is no number that a payment can have")
        return int(cell) if cell == cell.to_integral_value() else float(cell)
    return cell.isoformat() if isinstance(cell, datetime) else cell


def _filled(convert: Convert, empty: Collection[str], default: Any, cell: Cell) -> Any:
    if type(cell) is int:
        return convert(cell)
    if (
        cell is None
        or (isinstance(cell, str) and ((bare := cell.strip()) == "" or bare in empty))
        or (isinstance(cell, float | Decimal) and cell != cell)
    ):
        return default
    return convert(cell)


def filled(convert: Convert, empty: Collection[str], default: Any) -> Convert:
    """The conversion, and the default for an empty cell: null, NaN, blank or one of the texts."""
    return partial(_filled, convert, empty, default)
