"""Card numbers in any text: masked, however they are spelled, and then none is left."""

from __future__ import annotations

import json

from risk.engine.payment.cards import (
    has_card_number,
    may_begin,
    may_have_card_number,
    redact,
    redact_long,
    redact_text,
)
from risk.engine.payment.spelling import Spelling
from tests.fuzz.target import Target


def once(data: bytes) -> None:
    """Masking once is enough, and changes no more than digits."""
    text = data.decode(errors="replace")
    for mask in (redact_text, redact_long):
        masked = mask(text)
        assert not has_card_number(masked), "a card number is left"
        assert mask(masked) == masked
        masked.encode()
    found = has_card_number(text)
    assert found == (redact_text(text) != text)
    assert may_have_card_number(text) >= found
    if text.isascii() and "\\" not in text:
        assert may_begin(text) >= found
    left = redact(data)
    assert redact(left) == left
    for raw in (data, json.dumps(text).encode(), text.encode("utf-16-be")):
        shown = (redact(raw) or b"").decode("utf-16-be" if raw[:1] == b"\0" else "utf-8", "replace")
        for _ in range(3):
            assert not has_card_number(shown), "a card number is left in bytes"
            shown = Spelling(shown).text


SEEDS = (
    b"paid with 4111 1111 1111 1111, and 5500-0000-0000-0004 before",
    b"4" * 60 + b" " + b"4111111111111111" * 3,
    b'{"a":"4111.1111.1111.1111","b":"0000 0000 0000 0000"}',
)
WORDS = (
    "4111111111111111",
    "378282246310005",
    "4111 1111",
    "-",
    " ",
    ".",
    "0" * 16,
    "\u00a0",
    "\\u0034",
    "\\/",
    "\\u002d1111",
    "\\\\t1111",
    "\uff14",
    "1 " * 50,
)
TARGET = Target("cards", once, (), SEEDS, WORDS)
