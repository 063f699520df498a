"""Card numbers: where one stands in a text, and the text without it.

A card number is a run of digits that begins and is as long as a network's numbers do and are, and
whose last digit is right (ISO/IEC 7812-1, Luhn). Blanks, dashes, dots and the like may stand
between groups of at least four digits; letters may stand around it, as in `PAN4111111111111111`. A
hash in hexadecimal, or a UUID, is none, though its digits may happen to look like one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

KEPT: Final = 4  # digits at the end that stay: what a receipt shows
MASK: Final = "*"
LEAST, MOST = 12, 19  # digits
LARGE: Final = 16_384  # bytes: of more, every long run of digits is masked, right or not

# First digits and lengths that are issued. Not the lengths that a range only allows: ids of 17 and
# 18 digits are common. Visa's 13 are long gone but in test data; +43 and +49 begin phone numbers.
_NETWORKS: Final = (
    (r"4", (16, 19)),
    (r"4(?![39])", (13,)),
    (r"5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)", (16,)),  # Mastercard
    (r"3[47]", (15,)),  # American Express
    (r"6(?:011|4[4-9]|5)|60|8[12]|508", (16,)),  # Discover, RuPay
    (r"30[0-5]|3[689]", (14,)),  # Diners Club
    (r"35(?:2[89]|[3-8])", (16,)),  # JCB
    (r"62", (16, 19)),  # UnionPay
    (r"220[0-4]", (16, 19)),  # Mir
    (r"50(?:18|20|38)|5893|6304|67(?:59|6[1-3])", tuple(range(13, MOST + 1))),  # Maestro
)
_STARTS: Final = {
    length: re.compile(
        "|".join(start for start, lengths in _NETWORKS if length in lengths) or "(?!)"
    )
    for length in range(LEAST, MOST + 1)
}
_TWICE: Final = bytes.maketrans(b"0123456789", b"0246813579")  # a digit's double, its digits added

# What may stand between groups of digits, in characters and as UTF-8; JSON may spell it, too.
_GAP: Final = r"(?:[ \t.\-_/]|\\t|\\u(?:00[aA]0|20[01][0-9a-fA-F]|202[fF]|2212|3000)|%s){1,3}"
_TEXT_GAP: Final = _GAP % r"[\u00a0\u2000-\u2015\u202f\u2212\u3000]"
_BYTES_GAP: Final = _GAP % r"\xc2\xa0|\xe2\x80[\x80-\x95\xaf]|\xe2\x88\x92|\xe3\x80\x80"

# A hash or a UUID. After a word such as `visa` sixteen hexadecimal digits might be a card's.
_HEX: Final = "[0-9A-Fa-f]"
_HASH: Final = re.compile(
    rf"(?<!{_HEX})(?=[0-9]*[A-Fa-f])(?:{_HEX}{{64}}|{_HEX}{{40}}|{_HEX}{{32}}|{_HEX}{{24}})(?!{_HEX})"
    rf"|(?<![0-9A-Za-z])(?=[0-9]*[A-Fa-f]){_HEX}{{16}}(?![0-9A-Za-z])"
    rf"|(?<!{_HEX})(?=[0-9-]{{0,35}}[A-Fa-f]){_HEX}{{8}}(?:-{_HEX}{{4}}){{3}}-{_HEX}{{12}}(?!{_HEX})"
)
# What JSON spells with digits that are none, unless it is a gap: é, and not U+00A0.
_ESCAPE: Final = re.compile(r"\\u(?!00[aA]0|20[01][0-9a-fA-F]|202[fF]|2212|3000)[0-9a-fA-F]{4}")
_FEW: Final = re.compile(rb"[0-9]{4}")
# The first group of a card number in ASCII, from the first digit of a network on, and what follows.
_BEGIN: Final = re.compile(r"[2-68][0-9]{3}(?<![0-9]....)(?:[ \t.\-_/]*[0-9]){8}")

# Digits all alike, all others none: twelve in a row call for a closer look.
ROUGH: Final = bytes(0x30 if 0x30 <= byte <= 0x39 else 0x78 for byte in range(256))
_DROPPED: Final = b" \t.-_/" + bytes(range(0x80, 0x100))
TWELVE: Final = "0" * LEAST

Span = tuple[int, int]


class _Numbers:
    """Finds card numbers where groups are parted by these gaps."""

    def __init__(self, gap: str) -> None:
        self._gap = re.compile(gap)
        self._run = re.compile(f"[0-9]+(?:{gap}[0-9]+)*")
        long = f"[0-9](?:(?:{gap})?[0-9]){{{LEAST - 1},}}"
        self.long = re.compile(long)
        # A member that is meant to hold a token: a long number is none, whatever its last digit.
        self.token = re.compile(rf'"card_token"\s*:\s*"?[^"0-9]{{0,16}}(?P<number>{long})')

    def find(self, text: str) -> Iterator[Span]:
        """Where each begins and ends.

        The digits that stay of one may begin another: these are one then.
        """
        hidden = _HASH.sub(lambda match: "x" * len(match[0]), text)
        for run in self._run.finditer(hidden):
            if run.end() - run.start() < LEAST:
                continue
            groups = self._groups(hidden, run.span())
            at = 0
            while at < len(groups):
                begin, end = groups[at][0], None
                while (last := _last(hidden, groups, at)) is not None:
                    end = groups[last][1]
                    kept = _tail(groups[at : last + 1])
                    at = last + 1 - len(kept)
                    groups[at : last + 1] = kept
                if end is not None:
                    yield begin, end
                at += 1

    def mask(self, text: str, spans: Iterable[Span]) -> str:
        """The text with only the last four digits in each span."""
        parts: list[str] = []
        done = 0
        for span in spans:
            groups = self._groups(text, span)
            left = sum(end - start for start, end in groups) - KEPT
            for start, end in groups:
                masked = max(0, min(left, end - start))
                parts += text[done:start], MASK * masked, text[start + masked : end]
                left -= masked
                done = end
        return "".join((*parts, text[done:]))

    def _groups(self, text: str, span: Span) -> list[Span]:
        """The groups of digits of a run."""
        start, end = span
        found: list[Span] = []
        for gap in self._gap.finditer(text, start, end):
            found.append((start, gap.start()))
            start = gap.end()
        return [*found, (start, end)]


_in_text = _Numbers(_TEXT_GAP)
_in_bytes = _Numbers(_BYTES_GAP)


def without_hashes(text: str) -> str:
    """The text without what looks like a hash or a UUID: digits in these are none of a card."""
    return _HASH.sub("x", text)


def may_have_card_number(text: str) -> bool:
    """Whether a closer look is worth it; quick, and never wrong in saying no."""
    return TWELVE in text.encode("utf-8", "replace").translate(ROUGH, _DROPPED).decode("latin-1")


def may_begin(text: str) -> bool:
    """Whether a card number may begin anywhere; slower, but more seldom wrong in saying yes.

    Never wrong in saying no of an ASCII text without a backslash, which might spell a gap.
    """
    return _BEGIN.search(text) is not None


def has_card_number(text: str) -> bool:
    """Whether a card number stands anywhere in a text."""
    if text.isdigit() and text.isascii():
        return LEAST <= len(text) <= MOST and _is_card_number(text)
    return next(_in_text.find(text), None) is not None


def redact_text(text: str) -> str:
    """The text, as long as it was, with only the last four digits of its card numbers."""
    return _in_text.mask(text, _in_text.find(text))


def redact_long(text: str) -> str:
    """The same of a text that may be long: of more than `LARGE` characters as `redact` does."""
    if len(text) <= LARGE:
        return redact_text(text)
    return _in_text.mask(text, (match.span() for match in _in_text.long.finditer(text)))


def redact(raw: bytes | None) -> bytes | None:
    """The same of bytes that may be anything: of a record that can't be read, or of its key.

    A long run of digits where a card token belongs is masked whatever it is. So is any in more than
    `LARGE` bytes, where to look closely could take long.
    """
    if raw is None or _FEW.search(raw) is None:
        return raw
    text = raw.decode("latin-1")
    if len(raw) > LARGE:
        spans: Iterator[Span] = (match.span() for match in _in_bytes.long.finditer(text))
    else:
        text = _in_bytes.mask(text, (m.span("number") for m in _in_bytes.token.finditer(text)))
        spans = _in_bytes.find(_ESCAPE.sub("xxxxxx", text))
    return _in_bytes.mask(text, spans).encode("latin-1")


def _last(text: str, groups: list[Span], first: int) -> int | None:
    """The group that a card number ends with which begins with the group `first`, if one does."""
    digits = ""
    for last in range(first, len(groups)):
        start, end = groups[last]
        if end - start > MOST:
            return None
        digits += text[start:end]
        if LEAST <= len(digits) <= MOST and _is_card_number(digits):
            return last
        if end - start < KEPT or len(digits) > MOST:
            return None
    return None


def _tail(groups: Sequence[Span]) -> list[Span]:
    """Of the groups of a number, the digits that stay."""
    found: list[Span] = []
    left = KEPT
    for start, end in reversed(groups):
        if not left:
            break
        start = max(start, end - left)
        left -= end - start
        found.append((start, end))
    return found[::-1]


def _is_card_number(digits: str) -> bool:
    if not _STARTS[len(digits)].match(digits):
        return False
    code = digits[::-1].encode()
    total = sum(code[::2]) + sum(code[1::2].translate(_TWICE))
    return (total - 0x30 * len(code)) % 10 == 0
