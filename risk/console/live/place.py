"""A place in the feed, as browsers send it back: which console said it, and how far it had read."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_FORM: Final = re.compile(r"([0-9a-f]{8})-([0-9]{1,15})")


class Place(NamedTuple):
    """`epoch` changes when the console starts anew; `seq` is the last alert that was told."""

    epoch: str
    seq: int

    def __str__(self) -> str:
        return f"{self.epoch}-{self.seq}"


def parse(text: str | None) -> Place | None:
    """The place; None if it is none."""
    found = _FORM.fullmatch(text or "")
    return Place(found[1], int(found[2])) if found else None
