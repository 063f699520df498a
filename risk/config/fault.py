"""What is wrong with a setting."""

from __future__ import annotations

from typing import NamedTuple


class Fault(NamedTuple):
    """The path of a setting, and what is wrong with it, or between it and the `other`."""

    path: str
    message: str
    other: str = ""
