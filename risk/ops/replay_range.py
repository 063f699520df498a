"""Where a replay begins and ends, as commands say it: words, times or offsets."""

from __future__ import annotations

import re
from collections.abc import Mapping

from risk.audit.moments import moment
from risk.errors import UserError

_OFFSETS = re.compile(r"\d+:\d+(,\d+:\d+)*")


def place(flag: str, text: str, word: str) -> str:
    """The text as the jobs' `--start` and `--end` take it; `word` is earliest or latest.

    A time is the broker's, of when records came: ISO 8601, UTC where no zone is given, or ms.
    Raises `UserError`.
    """
    if text == word or text.isdecimal() or _OFFSETS.fullmatch(text):
        return text
    found = moment(text, end=word == "latest")
    if found is None:
        raise UserError(
            f"{flag} {text}: use {word}, a time such as 2026-03-01T12:00 or in ms UTC, "
            "or partition:offset,…"
        )
    return str(found)


def offsets(found: Mapping[int, int]) -> str:
    """Offsets by partition, as the jobs take them."""
    return ",".join(f"{partition}:{offset}" for partition, offset in sorted(found.items()))
