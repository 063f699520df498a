"""Card numbers in any text: masked, however they are spelled, and then none is left."""

from __future__ import annotations

import json

from risk.engine.payment.cards import may_begin
from risk.engine.payment.escapes import Unescaped
from risk.engine.payment.redaction import (
    has_card_number,
    may_have_card_number,
    redact,
    redact_long,
    redact_text,
)
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
    in_json = json.dumps(text)
    shown = json.loads(redact(in_json.encode()) or b"")
    assert not has_card_number(shown), "a card number is left in JSON"
    for codec in ("utf-8", "utf-16-le", "utf-16-be"):
        masked = (redact(in_json.encode(codec)) or b"").decode(codec)
        assert not has_card_number(Unescaped(masked).text), f"a card number is left in {codec}"


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
