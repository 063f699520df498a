"""Attributes: the members of a payment that the engine doesn't know, as they are kept.

What a state, a message or a store can't hold as it came is kept as a text that says the same: a
whole number of more than 64 bits and a fraction beyond a double's range as their digits, a NUL and
half of a surrogate pair as `\\u0000` spells them. Card numbers are masked, wherever they stand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import isfinite
from typing import Any, Final

from risk.engine.payment.cards import LEAST
from risk.engine.payment.members import Numeral, Repeated, shown
from risk.engine.payment.redaction import may_have_card_number, redact_long

Attributes = dict[str, Any]

_LONG_NUMBER: Final = 10 ** (LEAST - 1)  # of as many digits as the shortest card number
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def plain(members: Mapping[str, Any]) -> tuple[Attributes, int] | None:
    """Attributes that are kept as they are, and how many colons their names and texts have.

    They are of a record without a backslash. None if one of them calls for `kept`.
    """
    found: Attributes = {}
    texts: list[str] = []
    for name, value in members.items():
        if value is None:
            continue
        found[name] = value
        texts.append(name)
        kind = type(value)
        if kind is str:
            texts.append(value)
        elif kind is int or kind is float:
            if not -_LONG_NUMBER < value < _LONG_NUMBER:
                return None
        elif kind is not bool:
            return None
    together = "|".join(texts)
    return None if may_have_card_number(together) else (found, together.count(":"))


def kept(members: Mapping[str, Any]) -> Attributes | None:
    """Attributes of these members, as `members.read` gives them; None if there are none.

    One that is null counts as left out. Raises `Repeated`.
    """
    return _object({name: v for name, v in members.items() if v is not None}) or None


def _object(members: Mapping[str, Any]) -> Attributes:
    found: Attributes = {}
    for name, value in members.items():
        own = _text(name)
        if own in found:
            raise Repeated(shown(own))
        found[own] = _value(value)
    return found


def _value(value: Any) -> Any:
    if isinstance(value, Numeral):
        return _numeral(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, dict):
        return _object(value)
    if isinstance(value, list):
        return [_value(part) for part in value]
    if isinstance(value, bool) or value is None:
        return value
    digits = str(int(value))  # those behind a point belong to no card number
    masked = _text(digits)
    return value if masked == digits else masked


def _numeral(text: str) -> float | str:
    if text.lstrip("-").isdigit():
        return _text(text)
    value = float(text)
    return _value(value) if isfinite(value) else _text(str(text))


def _text(text: str) -> str:
    if _UNSTORABLE.search(text):
        text = _UNSTORABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    own = str(text)
    return redact_long(own) if may_have_card_number(own) else own
