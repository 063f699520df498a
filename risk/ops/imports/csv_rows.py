"""CSV as RFC 4180 has it: a header, quoted fields that may hold line breaks, any line ending."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence

from risk.errors import UserError
from risk.ops.imports.batch import MOST_COLUMNS, ROWS, Batch


class CsvRows:
    """The rows of a text, line by line. Raises `UserError` for what is no CSV."""

    def __init__(self, lines: Iterator[str], name: str, delimiter: str) -> None:
        self._name = name
        self._rows = csv.reader(lines, delimiter=delimiter, strict=True)
        header = self._next()
        while header == []:
            header = self._next()
        if header is None:
            raise UserError(f"{name}: empty: a line with the columns' names is expected")
        self.columns = [column.strip() for column in header]
        twice = [column for column, count in Counter(self.columns).items() if count > 1]
        if twice:
            raise UserError(f"{name}: the column {min(twice)!r} stands twice in the header")
        if len(self.columns) > MOST_COLUMNS:
            found = f"{len(self.columns):,} columns: at most {MOST_COLUMNS:,} may be"
            raise UserError(f"{name}: {found}: leave out what the map doesn't name")

    def batches(self) -> Iterator[Batch]:
        """All rows after the header; blank lines are none."""
        first = 1
        while rows := self._some():
            yield self._batch(first, rows)
            first += len(rows)

    def _batch(self, first: int, rows: list[Sequence[str | None]]) -> Batch:
        width = len(self.columns)
        broken = {}
        if any(len(row) != width for row in rows):
            for at, row in enumerate(rows):
                if len(row) != width:
                    broken[at] = f"{len(row)} fields, where the header has {width}"
                    rows[at] = [*row[:width], *[None] * (width - len(row))]
        columns = dict(zip(self.columns, zip(*rows, strict=True), strict=True))
        return Batch(first, len(rows), columns, broken)

    def _some(self) -> list[Sequence[str | None]]:
        rows: list[Sequence[str | None]] = []
        while len(rows) < ROWS:
            row = self._next()
            if row is None:
                break
            if row:
                rows.append(row)
        return rows

    def _next(self) -> list[str] | None:
        try:
            return next(self._rows, None)
        except csv.Error as error:
            quote = "unexpected end" in str(error) or "limit" in str(error)
            what = "a quotation mark isn't closed" if quote else str(error)
            raise UserError(f"{self._name}: line {self._rows.line_num}: no CSV: {what}") from None
