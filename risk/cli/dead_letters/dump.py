"""Bytes as people read them: as text if they are text, else in hexadecimal. Pure."""

from __future__ import annotations

from collections.abc import Iterator

ROW = 16


def is_text(raw: bytes) -> bool:
    """Whether they are UTF-8, and nothing in them acts on a terminal."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return False
    return all(c.isprintable() or c in "\n\t" for c in text)


def lines(raw: bytes, most: int) -> Iterator[str]:
    """The first `most` bytes, in lines; a last one says how many more there are."""
    cut = raw[:most]
    if is_text(raw):
        yield from cut.decode(errors="ignore").split("\n")
    else:
        for at in range(0, len(cut), ROW):
            row = cut[at : at + ROW]
            shown = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in row)
            yield f"{at:08x}  {row.hex(' '):<{3 * ROW}} {shown}"
    if len(raw) > most:
        yield f"… {len(raw) - most:,} bytes more"
