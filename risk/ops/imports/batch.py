"""Some rows of a file, column by column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from risk.ops.imports.cells import Cell

ROWS: Final = 8_192
# Of a file: a batch has a cell for each of them in every row, however few of them a row has itself.
MOST_COLUMNS: Final = 1_000


class Batch(NamedTuple):
    """`size` rows, the first of which is the file's row `first`, counted from 1.

    `broken` has those that are no rows, by their place in the batch, with the reason; their cells
    are None.
    """

    first: int
    size: int
    columns: Mapping[str, Sequence[Cell]]
    broken: Mapping[int, str]

    def row(self, at: int) -> dict[str, Cell]:
        """The cells of one row, by column."""
        return {name: cells[at] for name, cells in self.columns.items()}


def first_rows(batches: Iterator[Batch], rows: int | None) -> Iterator[Batch]:
    """The batches up to so many rows; all of them for None."""
    for batch in batches:
        left = batch.size if rows is None else rows - batch.first + 1
        if left < batch.size:
            if left > 0:
                columns = {name: cells[:left] for name, cells in batch.columns.items()}
                broken = {at: why for at, why in batch.broken.items() if at < left}
                yield Batch(batch.first, left, columns, broken)
            return
        yield batch
