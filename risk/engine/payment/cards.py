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

MASK: Final = "*"
KEPT: Final = 4  # digits at the end that stay: what a receipt shows
LEAST, MOST = 12, 19  # digits

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

# What may stand between groups of digits: blanks, dashes, dots and strokes, also wide ones and such
# as aren't seen. The last three are of Latin-1 and its like, as `surrogateescape` takes them up.
_GAP: Final = (
    r"[ \t.\-_/\u00a0\u00ad\u00b7\u2000-\u2015\u2022\u2028-\u202f\u2043\u205f-\u206f\u2212\u3000"
    r"\u30fb\u30fc\ufe58\ufe63\ufeff\uff0d-\uff0f\uff3f\udc96\udc97\udca0]{1,3}"
)
_GAPS: Final = re.compile(_GAP)
_RUN: Final = re.compile(f"[0-9]+(?:{_GAP}[0-9]+)*")
LONG: Final = f"[0-9](?:(?:{_GAP})?[0-9]){{{LEAST - 1},}}"

# A hash or a UUID. After a word such as `visa` sixteen hexadecimal digits might be a card's.
_HEX: Final = "[0-9A-Fa-f]"
_HASH: Final = re.compile(
    rf"(?<!{_HEX})(?=[0-9]*[A-Fa-f])(?:{_HEX}{{64}}|{_HEX}{{40}}|{_HEX}{{32}}|{_HEX}{{24}})(?!{_HEX})"
    rf"|(?<![0-9A-Za-z])(?=[0-9]*[A-Fa-f]){_HEX}{{16}}(?![0-9A-Za-z])"
    rf"|(?<!{_HEX})(?=[0-9-]{{0,35}}[A-Fa-f]){_HEX}{{8}}(?:-{_HEX}{{4}}){{3}}-{_HEX}{{12}}(?!{_HEX})"
)
# The first group of a card number in ASCII, from the first digit of a network on, and what follows.
_BEGIN: Final = re.compile(r"[2-68][0-9]{3}(?<![0-9]....)(?:[ \t.\-_/]*[0-9]){8}")

# Digits all alike, all others none: twelve in a row call for a closer look.
ROUGH: Final = bytes(0x30 if 0x30 <= byte <= 0x39 else 0x78 for byte in range(256))
TWELVE: Final = "0" * LEAST

Span = tuple[int, int]


def without_hashes(text: str) -> str:
    """The text without what looks like a hash or a UUID: digits in these are none of a card."""
    return _HASH.sub("x", text)


def may_begin(text: str) -> bool:
    """Whether a card number may begin anywhere; slower, but more seldom wrong in saying yes.

    Never wrong in saying no of an ASCII text without a backslash, which might spell a gap.
    """
    return _BEGIN.search(text) is not None


def find(text: str) -> Iterator[Span]:
    """Where each card number begins and ends.

    The digits that stay of one may begin another: these are one then.
    """
    hidden = _HASH.sub(lambda match: "x" * len(match[0]), text)
    for run in _RUN.finditer(hidden):
        if run.end() - run.start() < LEAST:
            continue
        groups = _groups(hidden, run.span())
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


def mask(text: str, spans: Iterable[Span]) -> str:
    """The text with only the last four digits in each span."""
    parts: list[str] = []
    done = 0
    for span in spans:
        groups = _groups(text, span)
        left = sum(end - start for start, end in groups) - KEPT
        for start, end in groups:
            masked = max(0, min(left, end - start))
            parts += text[done:start], MASK * masked, text[start + masked : end]
            left -= masked
            done = end
    return "".join((*parts, text[done:]))


def _groups(text: str, span: Span) -> list[Span]:
    """The groups of digits of a run."""
    start, end = span
    groups: list[Span] = []
    for gap in _GAPS.finditer(text, start, end):
        groups.append((start, gap.start()))
        start = gap.end()
    return [*groups, (start, end)]


def _last(text: str, groups: list[Span], first: int) -> int | None:
    """The group that a card number ends with which begins with the group `first`, if one does."""
    digits = ""
    for last in range(first, len(groups)):
        start, end = groups[last]
        if end - start > MOST:
            return None
        digits += text[start:end]
        if is_card_number(digits):
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


def is_card_number(digits: str) -> bool:
    """Whether these digits are one."""
    starts = _STARTS.get(len(digits))
    if starts is None or not starts.match(digits):
        return False
    code = digits[::-1].encode()
    total = sum(code[::2]) + sum(code[1::2].translate(_TWICE))
    return (total - 0x30 * len(code)) % 10 == 0
