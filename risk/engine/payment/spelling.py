"""What a text spells: each escape of JSON, and each digit of another script, as one character.

A number may stand in a text as `\\u0034111`, `4111\\/1111` or `４１１１`: whoever reads it sees
the digits, so whoever looks for card numbers has to see them, too.
"""

from __future__ import annotations

import re
from typing import Final

# An escape as often escaped as may be, as of JSON in JSON: `\\\\u0034` and `\\u005cu0034` both end
# as 4. What follows the backslashes is optional so that a long run of them is looked at once.
_ESCAPE: Final = r"\\(?:\\|u005[cC])*(?:(?P<sign>[\"/bfnrt])|u(?P<unit>[0-9a-fA-F]{4}))?"
_SPELLED: Final = re.compile(rf"{_ESCAPE}|(?P<digit>(?![0-9])\d)")
_OTHER_DIGIT: Final = re.compile(r"(?![0-9])\d")
_SIGNS: Final = dict(zip('"/bfnrt', '"/\b\f\n\r\t', strict=True))
_MASK: Final = "*"
_ESCAPED_MASK: Final = f"{ord(_MASK):04x}"


def is_spelled(text: str) -> bool:
    """Whether anything in a text may stand for another character."""
    return "\\" in text or (not text.isascii() and _OTHER_DIGIT.search(text) is not None)


class Spelling:
    """A text with what it spells, and the way back.

    `text` is what a reader sees: no longer than the original, digits as 0 to 9.
    """

    def __init__(self, original: str) -> None:
        self._original = original
        self._found: list[tuple[int, str]] = []  # where in `text`, and how it was spelled
        parts: list[str] = []
        length = done = 0
        for match in _SPELLED.finditer(original):
            character = _read(match)
            if character is None:
                continue
            parts += original[done : match.start()], character
            length += match.start() - done
            self._found.append((length, match[0]))
            length += 1
            done = match.end()
        self.text = "".join((*parts, original[done:]))

    def spelled(self, masked: str) -> str:
        """The original once more, masked where `masked`, which is `text` else, is masked."""
        parts: list[str] = []
        done = 0
        for at, spelled in self._found:
            stays = masked[at] == self.text[at]
            parts += masked[done:at], spelled if stays else _masked(spelled)
            done = at + 1
        return "".join((*parts, masked[done:]))


def _read(match: re.Match[str]) -> str | None:
    """The character that is spelled; None of backslashes that spell nothing but themselves."""
    if match["sign"]:
        return _SIGNS[match["sign"]]
    character = chr(int(match["unit"], 16)) if match["unit"] else match["digit"]
    return str(int(character)) if character and character.isdecimal() else character


def _masked(spelled: str) -> str:
    return _MASK if len(spelled) == 1 else spelled[: -len(_ESCAPED_MASK)] + _ESCAPED_MASK
