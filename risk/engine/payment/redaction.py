"""Texts and bytes without card numbers, however these are spelled.

A text is looked at as it stands, with the digits of all scripts as 0 to 9, and as what it is once
its JSON escapes are read: again and again, as JSON may be a text in JSON.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Final

from risk.engine.payment import cards
from risk.engine.payment.cards import LONG, MASK, ROUGH, TWELVE
from risk.engine.payment.escapes import Unescaped, has_escapes

ESCAPED: Final = 4  # so often a text may be escaped
PASSES: Final = 8  # so often a text is looked at again
LARGE: Final = 16_384  # bytes: of more, every long run of digits is masked, right or not

_DROPPED: Final = b" \t.-_/" + bytes(range(0x80, 0x100))
_OTHER_DIGIT: Final = re.compile(r"[^\D0-9]")
_LONG: Final = re.compile(LONG)
# A member that is meant to hold a token: a long number is none, whatever its last digit.
_TOKEN: Final = re.compile(rf'"card_token"\s*:\s*"?[^"0-9]{{0,16}}(?P<number>{LONG})')
# As many programs write a large number: `4.111111111111111E15`.
_EXPONENT: Final = re.compile(r"(?<![0-9.])[0-9]\.[0-9]{9,18}[eE]\+?1[0-9](?![0-9])")

Mask = Callable[[str], str]


def may_have_card_number(text: str) -> bool:
    """Whether a closer look is worth it; quick, and never wrong in saying no."""
    rough = text.encode("utf-8", "surrogatepass").translate(ROUGH, _DROPPED).decode("latin-1")
    return TWELVE in rough or "\\" in text or _has_other_digits(text)


def has_card_number(text: str) -> bool:
    """Whether a card number stands anywhere in a text, or in what it spells."""
    if text.isdigit() and text.isascii():
        return cards.is_card_number(text)
    return any(next(cards.find(view), None) is not None for view in _views(text))


def redact_text(text: str) -> str:
    """The text with only the last four digits of its card numbers."""
    return _in_all_views(text, _mask_card_numbers, as_it_stands=True)


def redact_long(text: str) -> str:
    """As `redact_text`, but in more than `LARGE` characters every long run of digits is masked."""
    mask = _mask_card_numbers if len(text) <= LARGE else _mask_long_numbers
    return _in_all_views(text, mask, as_it_stands=True)


def redact(raw: bytes | None) -> bytes | None:
    """The same of bytes that may be anything: of a record that can't be read, or of its key.

    They are looked at as UTF-8 and, if a byte is 0, as UTF-16, too. Masked are also a long run of
    digits where a card token belongs, whatever it is, and a card number that has an exponent. In
    more than `LARGE` bytes any long run is, as to look closely could take long.
    """
    if raw is None:
        return None
    mask = _mask_tokens_and_card_numbers if len(raw) <= LARGE else _mask_long_numbers
    for codec in ("utf-16-le", "utf-16-be") if 0 in raw else ():
        even = len(raw) // 2 * 2
        text = _in_json(raw[:even].decode(codec, "surrogatepass"), mask)
        raw = text.encode(codec, "surrogatepass") + raw[even:]
    return _in_json(raw.decode("utf-8", "surrogateescape"), mask).encode("utf-8", "surrogateescape")


def _in_json(text: str, mask: Mask) -> str:
    """What may be JSON, where an escape is a letter: its digits belong to no number."""
    return _in_all_views(text, mask, as_it_stands=not has_escapes(text))


def _in_all_views(text: str, mask: Mask, *, as_it_stands: bool) -> str:
    """The text, redacted until nothing is left: a number that goes may uncover one elsewhere.

    Who makes a chain of such numbers would have it looked at once for each of them: after a few
    times every long run of digits goes.
    """
    deep = ESCAPED + (not as_it_stands)
    for _ in range(PASSES):
        redacted = _in_each_view(text, mask, as_it_stands, deep)
        if redacted == text:
            return text
        text = redacted
    return _in_each_view(text, _mask_long_numbers, as_it_stands, deep)


def _in_each_view(text: str, mask: Mask, as_it_stands: bool, deep: int) -> str:
    if as_it_stands:
        text = mask(text)
        if _has_other_digits(text):
            digits = _as_digits(text)
            both = zip(text, digits, mask(digits), strict=True)
            text = "".join(own if seen == left else MASK for own, seen, left in both)
    if deep and has_escapes(text):
        unescaped = Unescaped(text)
        return unescaped.escaped(_in_each_view(unescaped.text, mask, True, deep - 1))
    return text


def _views(text: str) -> Iterator[str]:
    for left in reversed(range(ESCAPED + 1)):
        yield text
        if _has_other_digits(text):
            yield _as_digits(text)
        if not (left and has_escapes(text)):
            return
        text = Unescaped(text).text


def _has_other_digits(text: str) -> bool:
    return not text.isascii() and _OTHER_DIGIT.search(text) is not None


def _as_digits(text: str) -> str:
    return _OTHER_DIGIT.sub(lambda match: str(int(match[0])), text)


def _mask_card_numbers(text: str) -> str:
    return cards.mask(text, cards.find(text))


def _mask_long_numbers(text: str) -> str:
    return cards.mask(text, (match.span() for match in _LONG.finditer(text)))


def _mask_tokens_and_card_numbers(text: str) -> str:
    text = cards.mask(text, (match.span("number") for match in _TOKEN.finditer(text)))
    numbers = (match for match in _EXPONENT.finditer(text) if _is_card_number(match[0]))
    text = cards.mask(text, (match.span() for match in numbers))
    return _mask_card_numbers(text)


def _is_card_number(with_exponent: str) -> bool:
    return cards.is_card_number(f"{Decimal(with_exponent):.0f}")
