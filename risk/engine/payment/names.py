"""What an identifier may look like: event_id, user_id, merchant_id, device_id, card_token, source.

Said by ranges of characters, so that it doesn't change with Python's Unicode tables; and the JSON
Schema says the same, but for what it has no words for: the composed form, and card numbers.
"""

from __future__ import annotations

import re
from typing import Final
from unicodedata import ucd_3_2_0

from risk.engine.payment.cards import MASK, ROUGH, TWELVE, may_begin, without_hashes
from risk.engine.payment.redaction import has_card_number, may_have_card_number

# C0, DEL and C1; blanks other than U+0020, seen or not; line and paragraph separators; halves of a
# surrogate pair. What joins the parts of an emoji or of a script (U+200C, U+200D) is none of these.
FORBIDDEN: Final = (
    r"\u0000-\u001f\u007f-\u00a0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u2060\u3000"
    r"\ud800-\udfff\ufeff"
)
_forbidden = re.compile(f"[{FORBIDDEN}]").search
MASKED: Final = MASK * 8  # no id has so many: it would be one that a dead letter shows masked
_LONG: Final = r"[0-9](?:[ .-]?[0-9]){11,18}"
_is_long_number = re.compile(_LONG).fullmatch
_has_long_number = re.compile(rf"\|{_LONG}\|").search

# As for card numbers, and all that calls for a closer look as another: controls, what is not ASCII,
# `*`, `:` and the backslash, which might spell a gap between digits.
_LOOK: Final = "!"
_CALLS: Final = (*range(0x20), *range(0x7F, 0x100), ord(MASK), ord(":"), ord("\\"))
_TABLE: Final = bytes(ord(_LOOK) if byte in _CALLS else ROUGH[byte] for byte in range(256))


def are_plain(texts: str) -> bool:
    """Whether identifiers, with `|` around each, are fine beyond doubt and have no colon.

    A letter that is not ASCII is fine as well, but asks for `fault`.
    """
    rough = _rough(texts)
    if _LOOK in rough or (" " in texts and ("| " in texts or " |" in texts)):
        return False
    if TWELVE not in rough or not (may_begin(texts) or _has_long_number(texts)):
        return True
    return TWELVE not in _rough(without_hashes(texts))


def _rough(texts: str) -> str:
    return texts.encode("utf-8", "surrogatepass").translate(_TABLE, b" .-_/").decode("latin-1")


def fault(name: str, text: str) -> str | None:
    """What is wrong with the identifier of that name, and what to do; None if it is fine."""
    if found := _forbidden(text):
        return f"{name}: has the character U+{ord(found[0]):04X}: leave it out"
    if text[0] == " " or text[-1] == " ":
        return f"{name}: has a blank before or after it: strip it"
    # Of Unicode 3.2, which every Python has: later versions only add to what there was.
    if not text.isascii() and not ucd_3_2_0.is_normalized("NFC", text):
        return f"{name}: not in Unicode's composed form: normalize it to NFC before it is sent"
    if MASKED in text:
        return f"{name}: has a masked card number, as a dead letter shows it: send the real id"
    if name == "card_token" and _is_long_number(text):
        return "card_token: looks like a card number, send a token"
    if may_have_card_number(text) and has_card_number(text):
        return f"{name}: has a card number in it: send an id or a token that has none"
    return None
