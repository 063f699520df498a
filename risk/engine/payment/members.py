"""A record's members one by one, for those that a typed decoder can't judge alone."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from decimal import Decimal
from typing import Any, Final

import msgspec

INTEGERS: Final = ("schema_version", "event_time", "amount")
MOST_NESTED: Final = 64  # objects and lists, one in another, the record's own included
LEAST, MOST = -(2**63), 2**63 - 1  # whole numbers that a state, a message and a store can hold
_MOST_DIGITS: Final = 19
_LONGEST: Final = 20  # characters of a whole number within these bounds
# One that isn't closed ends with the record, and nothing is tried twice: or the time that a record
# takes would grow with the square of its quotation marks.
_TEXT = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)

# The members of a record, quickly: of one that stands twice the last. Raises what msgspec does.
decode = msgspec.json.Decoder(dict[str, Any]).decode


class Repeated(Exception):
    """A member stands twice, or more often. Its name, in ASCII, is the message."""


class TooDeep(Exception):
    """More than `MOST_NESTED` objects and lists stand one in another."""


class Numeral(str):
    """A number as it was written: a fraction, or a whole number of more than 64 bits."""

    __slots__ = ()


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The members of an object. Raises `Repeated`."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise Repeated(shown(name))
        found[name] = value
    return found


def shown(name: str) -> str:
    """A member's name, which may be any text, as a message may have it."""
    return ascii(name[:64])[1:-1]


def check_once(raw: bytes) -> None:
    """That no member of a valid record stands twice. Raises `Repeated`."""
    json.loads(raw.decode(), object_pairs_hook=once)


def read(raw: bytes) -> dict[str, Any]:
    """All members of a record. Numbers are as JSON's, or `Numeral`.

    Raises `Repeated`, `TooDeep`, or `ValueError` if it is no JSON object in UTF-8.
    """
    text = raw.decode()
    if not raw.lstrip().startswith(b"{"):
        raise ValueError("no object")
    if _is_deep(raw):
        raise TooDeep
    found = json.loads(
        text,
        parse_float=Numeral,
        parse_int=_whole,
        parse_constant=_refuse,
        object_pairs_hook=once,
    )
    assert isinstance(found, dict)
    return found


def with_integers(raw: bytes, integers: Collection[str] = INTEGERS) -> dict[str, Any] | None:
    """The members, with whole numbers in place of `100.0` and `1e3`, which JSON holds for the same.

    Those named `integers` are. None if that changes nothing, or if it is no JSON object. Raises
    `Repeated`.
    """
    try:
        found = json.loads(
            raw.decode(), parse_float=Decimal, parse_constant=_refuse, object_pairs_hook=once
        )
    except (ValueError, ArithmeticError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    changed = False
    for name, value in found.items():
        if not isinstance(value, Decimal):
            continue
        if name in integers and _is_whole(value):
            found[name] = int(value)
            changed = True
        else:
            found[name] = float(value)
    return found if changed else None


def number(name: str, value: Numeral) -> int | float:
    """A known field's value, whole where JSON holds it for whole: `100.0` and `1e3`."""
    try:
        exact = Decimal(value)
    except ArithmeticError:
        return float(value)
    return int(exact) if name in INTEGERS and _is_whole(exact) else float(exact)


def _is_deep(raw: bytes) -> bool:
    if raw.count(b"{") + raw.count(b"[") <= MOST_NESTED:
        return False
    depth = 0
    for byte in _TEXT.sub(b"", raw):
        if byte in b"{[":
            depth += 1
            if depth > MOST_NESTED:
                return True
        elif byte in b"}]":
            depth -= 1
    return False


def _whole(text: str) -> int | Numeral:
    found = int(text) if len(text) <= _LONGEST else MOST + 1
    return found if LEAST <= found <= MOST else Numeral(text)


def _is_whole(value: Decimal) -> bool:
    """Exactly, and not so large that its digits would be too many to write out."""
    return value.adjusted() < _MOST_DIGITS and value == value.to_integral_value()


def _refuse(constant: str) -> None:
    raise ValueError(constant)
