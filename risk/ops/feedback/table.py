"""A CSV file of verdicts, such as a bank's list of chargebacks: rows, and what is wrong with each.

Pure: it is given the text.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from risk.audit.moments import moment
from risk.engine.payment.redaction import redact_text
from risk.engine.payment.transaction import MAX_EVENT_TIME
from risk.engine.rules.errors import did_you_mean
from risk.errors import UserError

REQUIRED: Final = ("event_id", "user_id")
COLUMNS: Final = (*REQUIRED, "event_time", "verdict", "source", "known_at", "by", "note")
MOST_QUOTED: Final = 60


class Fault(NamedTuple):
    """What is wrong with a row. `line` is that of the file, on which the row ends."""

    line: int
    column: str
    message: str

    def __str__(self) -> str:
        where = f", column {self.column}" if self.column else ""
        return f"row {self.line}{where}: {self.message}"


class Row(NamedTuple):
    """One row: what is said, as text; without what its columns leave empty."""

    line: int
    said: dict[str, str]


def read(lines: Iterable[str], name: str) -> Iterator[Row | Fault]:
    """The rows of a file of that name; a row of the wrong length is a fault.

    Raises `UserError` where the header, or the file as a whole, is wrong.
    """
    reader = csv.reader(lines, strict=True)
    try:
        header = [column.strip() for column in next(reader, [])]
        _check_header(header, name)
        for cells in reader:
            if not cells:  # an empty line
                continue
            if len(cells) != len(header):
                found = f"{len(cells)} values, but the header has {len(header)} columns"
                yield Fault(reader.line_num, "", found)
                continue
            values = ((column, cell.strip()) for column, cell in zip(header, cells, strict=True))
            yield Row(reader.line_num, {column: cell for column, cell in values if cell})
    except csv.Error as error:
        raise UserError(f"{name}:{reader.line_num}: not CSV: {error}") from None


def when(text: str) -> int:
    """A moment in ms UTC: as such, or in ISO 8601. Raises `ValueError`."""
    found = int(text) if text.isdecimal() and text.isascii() and len(text) > 8 else moment(text)
    if found is None or not 0 <= found <= MAX_EVENT_TIME:
        raise ValueError(
            f"{quoted(text)}: write it as 2025-03-01T12:00, or in ms since 1970 in UTC"
        )
    return found


def quoted(text: str) -> str:
    """As much of a text as helps, without a card number."""
    return repr(redact_text(text[: 4 * MOST_QUOTED])[:MOST_QUOTED])


def _check_header(header: list[str], name: str) -> None:
    if len(header) == 1 and any(sign in header[0] for sign in ";\t|"):
        raise UserError(f"{name}:1: the columns are not separated by commas: write them so")
    for column in header:
        if column not in COLUMNS:
            hint = did_you_mean(column, COLUMNS) or f": there are {', '.join(COLUMNS)}"
            raise UserError(f"{name}:1: no column is called {quoted(column)}{hint}")
        if header.count(column) > 1:
            raise UserError(f"{name}:1: {column} stands twice: leave one of them out")
    for column in REQUIRED:
        if column not in header:
            raise UserError(f"{name}:1: the column {column} is missing")
