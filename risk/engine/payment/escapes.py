"""JSON's escapes in a text, read: a number may be spelled `\\u0034111…` or `4111\\/1111…`."""

from __future__ import annotations

import json
import re
from typing import Final

_HEX: Final = "[0-9a-fA-F]"
_PAIR: Final = (
    rf"u[dD][89abAB]{_HEX}{{2}}\\u[dD][c-fC-F]{_HEX}{{2}}"  # of surrogates: one character
)
_ESCAPE: Final = re.compile(rf'\\(?:{_PAIR}|u{_HEX}{{4}}|["\\/bfnrt])')


def has_escapes(text: str) -> bool:
    """Whether a text has any."""
    return "\\" in text and _ESCAPE.search(text) is not None


class Unescaped:
    """A text whose escapes are read, once, and the way back.

    `text` has a character for each of them; what is no escape is in it as it stands.
    """

    def __init__(self, original: str) -> None:
        self._found: list[tuple[int, str]] = []  # where in `text`, and the escape
        parts: list[str] = []
        length = done = 0
        for match in _ESCAPE.finditer(original):
            start, end = match.span()
            character: str = json.loads(f'"{match[0]}"')
            parts += original[done:start], character
            length += start - done
            self._found.append((length, match[0]))
            length += 1
            done = end
        self.text = "".join((*parts, original[done:]))

    def escaped(self, text: str) -> str:
        """The original with what is other in `text`, which is as long as `self.text`: as long as it
        was. Only letters and digits may be other: a sign's escape has no room for them.
        """
        parts: list[str] = []
        done = 0
        for at, escape in self._found:
            stays = text[at] == self.text[at]
            parts += text[done:at], escape if stays else _escape(text[at], len(escape))
            done = at + 1
        return "".join((*parts, text[done:]))


def _escape(character: str, length: int) -> str:
    """So long: twice in the place of a pair of surrogates."""
    one = f"\\u{ord(character):04x}"
    return one * (length // len(one))
