"""What is wrong with a ruleset, where, shown with the line and a caret under the fault."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

MOST_TOLD: Final = 100  # faults of a ruleset: nobody reads more
LONGEST: Final = 400  # characters of a message, and of the line that is shown with it


class Fault(Exception):
    """A fault at `start..end` (character offsets) of an expression or a template."""

    def __init__(self, start: int, end: int, message: str) -> None:
        super().__init__(message)
        self.start = start
        self.end = end
        self.message = message


@dataclass(frozen=True, slots=True)
class RuleError:
    """One fault in one file; `line` and `column` count from 1, `width` is the fault's length.

    `source` is its line, of a long one a part: without the `cut` characters before that.
    """

    file: str
    line: int
    column: int
    message: str
    source: str = ""
    width: int = 1
    cut: int = 0

    def __str__(self) -> str:
        head = f"{self.file}:{self.line}:{self.column}: {self.message}"
        if not self.source.strip():
            return head
        # Tabs stay tabs, so that the caret lands under the fault at any tab width.
        before = self.column - 1 - self.cut
        gap = "".join("\t" if c == "\t" else " " for c in self.source[:before])
        room = len(self.source) - before
        return f"{head}\n    {self.source}\n    {gap}{'^' * max(1, min(self.width, room))}"


class InvalidRuleset(Exception):
    """The ruleset can't be used. `errors` holds every fault found, in the order of the files.

    The message tells `MOST_TOLD` of them.
    """

    def __init__(self, errors: Iterable[RuleError]) -> None:
        self.errors = tuple(sorted(errors, key=lambda e: (e.file, e.line, e.column, e.message)))
        told = list(map(str, self.errors[:MOST_TOLD]))
        if len(self.errors) > MOST_TOLD:
            told.append(f"and {len(self.errors) - MOST_TOLD:,} more")
        super().__init__("\n".join(told))


def locate(file: str, text: str, start: int, end: int, message: str) -> RuleError:
    """The error at `start..end` (character offsets) of a file's text."""
    message = message if len(message) <= LONGEST else message[:LONGEST] + "…"
    start = min(start, len(text))
    head = text.rfind("\n", 0, start) + 1
    tail = text.find("\n", start)
    cut = max(0, start - head - LONGEST // 2)
    shown = text[head + cut : min(tail if tail >= 0 else len(text), head + cut + LONGEST)]
    line, column = text.count("\n", 0, start) + 1, start - head + 1
    return RuleError(file, line, column, message, shown.rstrip("\r"), max(1, end - start), cut)


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """`: did you mean …?`, or nothing if no known word is close."""
    if len(word) > LONGEST:
        return ""
    close = difflib.get_close_matches(word.lower(), known, n=1, cutoff=0.6)
    return f": did you mean {close[0]}?" if close else ""
