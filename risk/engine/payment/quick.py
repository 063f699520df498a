"""Quick looks at a record: right beyond doubt, or in need of a closer one."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

CODES: Final = 9  # characters of currency, country and category


@lru_cache(8_192)
def are_codes(text: str) -> bool:
    """Whether these are the capitals of a currency and, where it has them, of a country, and the
    digits of a category.
    """
    at = 5 if len(text) in (5, CODES) else 3
    letters, digits = text[:at], text[at:]
    plain = text.isascii() and letters.isalpha() and letters.isupper()
    return plain and (digits.isdigit() or not digits)


def is_unplaced(raw: bytes, more: int, count: int) -> bool:
    """Whether a record surely has each member once and neither lat nor lon, or both as null.

    Without a backslash it has a colon for each of `count` members, and `more` in its texts.
    """
    colons = raw.count(b":") - more
    if colons == count:
        return True
    return colons == count + 2 and (
        (b'"lat":null' in raw and b'"lon":null' in raw)
        or (b'"lat": null' in raw and b'"lon": null' in raw)
    )
