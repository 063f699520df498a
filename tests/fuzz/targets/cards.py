"""Card numbers in any text: masked, and then none is left."""

from __future__ import annotations

from risk.engine.payment.cards import has_card_number, redact, redact_long, redact_text
from tests.fuzz.target import Target


def once(data: bytes) -> None:
    """Masking once is enough, and changes no more than digits."""
    text = data.decode(errors="replace")
    for mask in (redact_text, redact_long):
        masked = mask(text)
        assert not has_card_number(masked), "a card number is left"
        assert mask(masked) == masked
        masked.encode()
    redact(data)


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
    "1 " * 50,
)
TARGET = Target("cards", once, (), SEEDS, WORDS)
