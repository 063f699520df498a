"""A record's members one by one, for the few that a typed decoder can't judge alone."""

from __future__ import annotations

import json
from collections.abc import Collection
from decimal import Decimal
from typing import Any, Final

INTEGERS: Final = ("schema_version", "event_time", "amount")
_MOST_DIGITS: Final = 19


class Repeated(Exception):
    """A member stands twice, or more often. Its name is the message."""


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The members of an object. Raises `Repeated`."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise Repeated(name)
        found[name] = value
    return found


def check_once(raw: bytes) -> None:
    """That no member of a valid record stands twice. Raises `Repeated`."""
    json.loads(raw.decode(), object_pairs_hook=once)


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


def _is_whole(value: Decimal) -> bool:
    """Exactly, and not so large that its digits would be too many to write out."""
    return value.adjusted() < _MOST_DIGITS and value == value.to_integral_value()


def _refuse(constant: str) -> None:
    raise ValueError(constant)
