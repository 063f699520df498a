"""A whole file of verdicts, checked before any of it is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from risk.config.settings import Settings
from risk.errors import UserError
from risk.ops.feedback.label import Labels, labels
from risk.ops.feedback.table import Row, read

# What holds for the rows of a file that say nothing else: most are lists of chargebacks.
USUAL: Final[Mapping[str, str]] = MappingProxyType({"source": "chargeback", "verdict": "fraud"})


def labels_of_file(
    settings: Settings,
    lines: Iterable[str],
    name: str,
    given: Mapping[str, str],
    now: int,
    known_at: str,
) -> tuple[int, Labels]:
    """How many rows a CSV file of that name has, and what they come to.

    `given` holds where a row has no value, `now` is in ms UTC. Raises `UserError` where the file as
    a whole is wrong, or doesn't say since when a verdict is known: then `known_at` is how to say it
    for all rows. Raises `Unavailable`.
    """
    rows = list(read(lines, name))
    if "known_at" not in given:
        # A file that is sent again has to say the same: so now is no time of its verdicts.
        for row in rows:
            if isinstance(row, Row) and "known_at" not in row.said:
                raise UserError(
                    f"{name}: row {row.line} doesn't say since when it is known: give a column "
                    f"known_at, or {known_at} for all that have none"
                )
    return len(rows), labels(settings, rows, {**USUAL, **given}, now)
