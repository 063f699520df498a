"""Progress of a command whose output is its result."""

from __future__ import annotations

import sys


def note(line: str) -> None:
    """A line on standard error: standard output is the result's alone."""
    print(line, file=sys.stderr, flush=True)
