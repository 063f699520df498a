"""Lengths of time as a ruleset writes them: `30s`, `10m`, `1h`, `7d`."""

from __future__ import annotations

import re
from typing import Final

UNITS: Final = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_LENGTH = re.compile(r"([1-9][0-9]{0,5})([smhd])")


def length(text: str) -> int | None:
    """A length in ms; None if the text is none."""
    match = _LENGTH.fullmatch(text)
    return int(match[1]) * UNITS[match[2]] if match else None


def shown(ms: int) -> str:
    """The shortest way to write a length of whole seconds: `10m`, not `600s`."""
    unit = next(name for name in reversed(UNITS) if not ms % UNITS[name] or name == "s")
    return f"{ms // UNITS[unit]}{unit}"
