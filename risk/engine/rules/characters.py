"""Where each character of a YAML text stands in its file, whatever the style of the text."""

from __future__ import annotations

from typing import Final

import yaml

_HEX: Final = {"x": 2, "u": 4, "U": 8}
_SPACES: Final = "ntrvf_NLP \t"  # escapes that stand for white space


def offsets(node: yaml.ScalarNode, text: str) -> list[int]:
    """The file's offset of each character of `node.value`, and of its end.

    YAML folds, strips and indents white space, but every other character stands in the file in
    the same order: those are matched one to one, and white space follows what it stands behind.
    """
    value: str = node.value
    raw = node.start_mark.index
    if node.style in ("|", ">"):
        raw = text.find("\n", raw) + 1
    elif node.style in ("'", '"'):
        raw += 1
    found: list[int] = []
    last = raw
    for character in value:
        if character.isspace():
            found.append(last)
            last += 1
            continue
        raw, width = _seek(text, raw, node.style)
        found.append(raw)
        raw += width
        last = raw
    found.append(last)
    return found


def _seek(text: str, raw: int, style: str | None) -> tuple[int, int]:
    """The next character that is not white space: its offset, and its width in the file."""
    while raw < len(text):
        if text[raw].isspace():
            raw += 1
        elif style == "'" and text.startswith("''", raw):
            return raw, 2
        elif style == '"' and text[raw] == "\\":
            width, blank = _escape(text, raw)
            if not blank:
                return raw, width
            raw += width
        else:
            return raw, 1
    return raw, 1


def _escape(text: str, raw: int) -> tuple[int, bool]:
    """The width of an escape of a double-quoted text, and whether it stands for white space."""
    kind = text[raw + 1 : raw + 2]
    if kind in _HEX:
        width = 2 + _HEX[kind]
        return width, chr(int(text[raw + 2 : raw + width], 16)).isspace()
    return 2, kind == "" or kind.isspace() or kind in _SPACES
