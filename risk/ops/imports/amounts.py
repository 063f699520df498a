"""Amounts to integer minor units, exactly: 12.34 EUR, 1234 JPY, 1.234 KWD are 1234."""

from __future__ import annotations

import decimal
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Final, Literal

from risk.engine.payment.currencies import DEFAULT_EXPONENT, EXPONENTS
from risk.ops.imports.cells import Cell, Wrong, exactly, quoted

Rounding = Literal["half_up", "half_even"]
Minor = Callable[[Cell, int], int]  # of a cell and the currency's number of decimals
_PLAIN: Final = re.compile(r"([0-9]{1,16})(?:\.([0-9]{0,4}))?")  # most amounts
_MODES: Final = {"half_up": decimal.ROUND_HALF_UP, "half_even": decimal.ROUND_HALF_EVEN}
_EXACT: Final = decimal.Context(prec=100)
_ZEROS: Final = "0000"


def decimals(currency: object) -> int:
    """How many a currency's amounts have. What is no currency is told by the decoder."""
    return EXPONENTS.get(currency, DEFAULT_EXPONENT) if isinstance(currency, str) else 2


def major(point: str, group: str, rounding: Rounding | None) -> Minor:
    """From major units. Without a rounding more decimals than the currency has are wrong."""
    plain = _PLAIN.fullmatch
    usual = point == "." and not group

    def convert(cell: Cell, places: int) -> int:
        if type(cell) is str:
            if usual and (found := plain(cell)):
                whole, part = found[1], found[2] or ""
                if len(part) <= places:
                    return int(whole + part + _ZEROS[: places - len(part)])
            cell = _unpunctuated(cell, point, group)
        return _minor(exactly(cell), places, rounding)

    return convert


def minor(cell: Cell, places: int) -> int:
    """From minor units: a whole number as it is."""
    return cell if type(cell) is int else _minor(exactly(cell), 0, None)


def _unpunctuated(text: str, point: str, group: str) -> str:
    """The text as `1234.56`, if groups stand where they may."""
    text = text.strip()
    if group and group in text:
        whole, separator, part = text.partition(point)
        first, *others = whole.split(group)
        if not 1 <= len(first.lstrip("-+")) <= 3 or any(len(other) != 3 for other in others):
            raise Wrong(f"{quoted(text)}: {group!r} doesn't part it into groups of three digits")
        text = first + "".join(others) + separator + part
    if point != ".":
        if "." in text:
            raise Wrong(f"{quoted(text)} has a '.', but the map says that {point!r} is the point")
        text = text.replace(point, ".")
    return text


def _minor(number: Decimal, places: int, rounding: Rounding | None) -> int:
    scaled = _EXACT.scaleb(number, places)
    if rounding:
        return int(scaled.to_integral_value(_MODES[rounding], _EXACT))
    if scaled != scaled.to_integral_value():
        told = f"more than {places} decimals" if places else "decimals"
        raise Wrong(f"{number} has {told}: 'round: half_up' in the map rounds it")
    return int(scaled)
