"""Tables, as all commands print them.

On a terminal a row is one line, whatever its width: what doesn't fit is shortened with an ellipsis
or, the highest `rank` first, left out, and that is said. An id stays whole as long as it can. To
anything else go tab-separated values for `grep`, `cut` and `awk`: a header, then a line a row,
nothing left out, numbers without commas.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

_BESIDE = 3  # a column takes its width, two blanks and a line
_CUT = 8  # where nothing else helps, a column is at least so wide


class Styled(NamedTuple):
    """A cell with one of rich's styles."""

    value: str | int | float
    style: str


Cell = str | int | float | Styled | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column. With a `least` it may be shortened to that many cells, else it is left whole.

    Where there is no room, columns of the highest `rank` are left out; those of rank 0 never are.
    With `wrap` what is not an id but a sentence goes on, by whole words, in further lines.
    """

    name: str
    right: bool = False
    rank: int = 0
    least: int | None = None
    wrap: bool = False


class Table:
    """Rows of cells. A number is set to the right and, on a terminal, gets its commas."""

    def __init__(self, *columns: Column | str, title: str = "", note: str = "") -> None:
        self.columns = [Column(one) if isinstance(one, str) else one for one in columns]
        self.title, self.note = title, note
        self.rows: list[tuple[Cell, ...]] = []
        self._sections: set[int] = set()

    def row(self, *cells: Cell) -> None:
        """Add a row: as many cells as there are columns; None is empty."""
        if len(cells) != len(self.columns):
            raise ValueError(f"{len(cells)} cells for {len(self.columns)} columns")
        self.rows.append(cells)

    def section(self) -> None:
        """Draw a line under the rows so far."""
        self._sections.add(len(self.rows))

    def rich(self, width: int) -> RichTable:
        """The table for a terminal of this width, in cells."""
        shown = [[_terminal(cell) for cell in row] for row in self.rows]
        natural = [
            max(cell_len(column.name), *(cell_len(row[at].plain) for row in shown), 1)
            for at, column in enumerate(self.columns)
        ]
        widths = fit(self.columns, natural, width)
        kept = [at for at, found in enumerate(widths) if found is not None]
        left = [self.columns[at].name for at, found in enumerate(widths) if found is None]
        notes = [self.note] if self.note else []
        if left:
            notes.append(f"no room for: {', '.join(left)} (--json, or a pipe, has all)")
        table = RichTable(
            title=Text(self.title) if self.title else None,
            caption=Text("; ".join(notes)) if notes else None,
            title_justify="left",
            caption_justify="left",
        )
        for at in kept:
            column = self.columns[at]
            table.add_column(
                Text(column.name),
                justify="right" if column.right or self._counts(at) else "left",
                width=widths[at],
                no_wrap=not column.wrap,
                overflow="ellipsis",
            )
        for number, row in enumerate(shown, 1):
            table.add_row(*(row[at] for at in kept), end_section=number in self._sections)
        return table

    def lines(self) -> Iterator[str]:
        """The table for a program: tab-separated, a title as a comment, the header, the rows."""
        if self.title:
            yield f"# {_plain(self.title)}"
        yield "\t".join(_plain(column.name) for column in self.columns)
        for row in self.rows:
            yield "\t".join(_plain(str(_value(cell))) for cell in row)

    def _counts(self, at: int) -> bool:
        cells = [_value(row[at]) for row in self.rows if row[at] is not None]
        return bool(cells) and not any(isinstance(cell, str) for cell in cells)


def show(console: Console, *tables: Table) -> None:
    """Print tables, for the terminal or the program that reads."""
    for number, table in enumerate(tables):
        if console.is_terminal:
            console.print(table.rich(console.width), soft_wrap=False)
        else:
            # Not by console.print, which makes blanks of tabs.
            console.file.writelines(f"{line}\n" for line in (*[""] * (number > 0), *table.lines()))


def fit(columns: Sequence[Column], natural: Sequence[int], width: int) -> list[int | None]:
    """Each column's width in a table of `width` cells; None: it is left out."""
    least = [
        wide if column.least is None else min(wide, max(column.least, cell_len(column.name)))
        for column, wide in zip(columns, natural, strict=True)
    ]
    kept = list(range(len(columns)))

    def room() -> int:
        return width - 1 - _BESIDE * len(kept) - sum(least[at] for at in kept)

    while room() < 0 and any(columns[at].rank for at in kept):
        kept.remove(max(kept, key=lambda at: (columns[at].rank, at)))
    left = sorted(set(range(len(columns))) - set(kept), key=lambda at: (columns[at].rank, at))
    for at in left:  # a narrow one may fit where a wide one of a lower rank did not
        if room() >= least[at] + _BESIDE:
            kept = sorted((*kept, at))
    while room() < 0 and max(least[at] for at in kept) > _CUT:
        least[max(kept, key=lambda at: least[at])] -= 1
    spare = max(0, room())
    widths: list[int | None] = [None] * len(columns)
    for at in kept:
        more = min(spare, natural[at] - least[at]) if columns[at].least is not None else 0
        widths[at] = least[at] + more
        spare -= more
    return widths


def _value(cell: Cell) -> str | int | float:
    if isinstance(cell, Styled):
        return cell.value
    return "" if cell is None else cell


def _terminal(cell: Cell) -> Text:
    value = _value(cell)
    text = _plain(value) if isinstance(value, str) else f"{value:,}"
    return Text(text, cell.style if isinstance(cell, Styled) else "")


def _plain(text: str) -> str:
    """The text in one line, with nothing in it that a terminal or a reader of columns acts on."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
