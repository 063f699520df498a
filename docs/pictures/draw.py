"""Draw each .svg here from its .txt: a real `risk demo` on a terminal, and its end.

Run from anywhere: `.venv/bin/python docs/pictures/draw.py`.
"""

from __future__ import annotations

import io
import re
from pathlib import Path

from rich.console import Console
from rich.text import Text

HERE = Path(__file__).parent
TITLE = "make demo"
# The picture names no other host: where the font isn't installed, the viewer's own is used.
FONTS = re.compile(r"@font-face \{.*?\}\s*|<!--.*?-->\s*", re.DOTALL)
HEADING = re.compile(r"^.*(?=\n┏)", re.MULTILINE)
WIDTH = 88


def drawn(text: str) -> str:
    """The text as an SVG of a terminal."""
    console = Console(record=True, width=WIDTH, file=io.StringIO())
    shown = Text(text.rstrip("\n"))
    shown.highlight_regex(HEADING, "bold cyan")
    shown.highlight_regex(r"┃[^┏┡\n]*┃", "bold")
    shown.highlight_regex(r"all counts agree|0 mismatches", "bold green")
    shown.highlight_regex(r"\d+\.\d+%", "yellow")
    console.print(shown)
    svg = console.export_svg(title=TITLE, unique_id="demo")
    lines = FONTS.sub("", svg).splitlines()
    return "\n".join(line.rstrip() for line in lines) + "\n"


if __name__ == "__main__":
    for shown in HERE.glob("*.txt"):
        picture = drawn(shown.read_text(encoding="utf-8"))
        shown.with_suffix(".svg").write_text(picture, encoding="utf-8")
