"""Parquet by pyarrow, which comes with Flink's Python API; imported only where it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from risk.errors import UserError
from risk.ops.imports.batch import ROWS, Batch
from risk.ops.imports.cells import Cell


class ParquetRows:
    """The rows of a Parquet file. Raises `UserError` for what is none."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        self._name = name
        try:
            self._file = pq.ParquetFile(file)
            self.columns: Sequence[str] = _flat(self._file.schema_arrow.empty_table()).column_names
        except (pa.ArrowException, OSError) as error:
            raise UserError(f"{name}: no Parquet: {_first_line(error)}") from None

    def batches(self) -> Iterator[Batch]:
        """All rows."""
        first = 1
        try:
            for some in self._file.iter_batches(batch_size=ROWS):
                table = _flat(pa.Table.from_batches([some]))
                columns = {name: _cells(table[name]) for name in table.column_names}
                yield Batch(first, some.num_rows, columns, {})
                first += some.num_rows
        except (pa.ArrowException, OSError) as error:
            raise UserError(f"{self._name}: after row {first - 1}: {_first_line(error)}") from None


def _flat(table: Any) -> Any:
    """The members of structs are columns such as `card.country`."""
    while any(pa.types.is_struct(field.type) for field in table.schema):
        table = table.flatten()
    return table


def _cells(column: Any) -> list[Cell]:
    kind = column.type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
        column = column.cast(kind)
    if pa.types.is_timestamp(kind):  # to µs, which Python's times have
        column = column.cast(pa.timestamp("us", tz=kind.tz and "UTC"), safe=False)
    elif pa.types.is_date(kind):
        column = column.cast(pa.timestamp("us"))
    elif pa.types.is_float32(kind) or pa.types.is_float16(kind):
        return _narrow(column)
    if pa.types.is_integer(kind) and not column.null_count:
        whole: list[Cell] = column.to_numpy().tolist()  # many times faster
        return whole
    found: list[Cell] = column.to_pylist()
    return found


def _narrow(column: Any) -> list[Cell]:
    """Floats of 32 bits by their own shortest spelling: 12.1, not 12.100000381469727."""
    return [
        None if value is None else float(str(one))
        for value, one in zip(column.to_pylist(), column.to_numpy(), strict=True)
    ]


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
