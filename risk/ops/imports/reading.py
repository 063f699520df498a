"""A file as batches of rows: what it is by its name or the map, and gzip by its first bytes."""

from __future__ import annotations

import gzip
import io
import shutil
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Final, NamedTuple, cast

from risk.errors import UserError
from risk.ops.imports import json_rows
from risk.ops.imports.batch import Batch
from risk.ops.imports.csv_rows import CsvRows
from risk.ops.imports.mapping import FileForm, Format

_GZIP: Final = b"\x1f\x8b"
_ENDINGS: Final[dict[str, Format]] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
}
_BROKEN: Final = (EOFError, gzip.BadGzipFile, zlib.error)
LONGEST_LINE: Final = 4_194_304  # bytes; a record of Kafka has no more than a megabyte
_BOM: Final = "\ufeff"


class Rows(NamedTuple):
    """What a file holds. Of JSON lines the columns are not known before: None."""

    columns: Sequence[str] | None
    batches: Iterator[Batch]


@contextmanager
def opened(path: Path, form: FileForm) -> Iterator[Rows]:
    """The rows of a file. What it can't be read for is a `UserError`, raised as far as it is read.

    A Parquet file that is gzipped as a whole is unpacked into a temporary file.
    """
    kind = form.form or _kind(path)
    with ExitStack() as stack:
        file = stack.enter_context(path.open("rb"))
        packed = file.read(2) == _GZIP
        file.seek(0)
        whole = cast(IO[bytes], stack.enter_context(gzip.open(file))) if packed else file
        try:
            if packed and kind == "parquet":  # which is read from its end
                unpacked = stack.enter_context(tempfile.TemporaryFile())
                shutil.copyfileobj(whole, unpacked, 1 << 20)
                unpacked.seek(0)
                whole = cast(IO[bytes], unpacked)
            yield _rows(path.name, kind, form, whole)
        except _BROKEN as error:
            raise UserError(f"{path.name}: the gzip file is damaged or cut off: {error}") from None


def _kind(path: Path) -> Format:
    endings = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
    kind = _ENDINGS.get(endings[-1]) if endings else None
    if kind is None:
        known = ", ".join(_ENDINGS)
        message = f"not known by its ending ({known}; each with .gz)"
        raise UserError(f"{path.name}: {message}: name 'file: {{format: csv}}' in the map")
    return kind


def _rows(name: str, kind: Format, form: FileForm, whole: IO[bytes]) -> Rows:
    if kind == "jsonl":
        return Rows(None, json_rows.batches(_without_bom(_bounded(whole, name))))
    if kind == "parquet":
        # Not before it is needed: this import takes longer than all others together.
        from risk.ops.imports.parquet_rows import ParquetRows

        parquet = ParquetRows(whole, name)
        return Rows(parquet.columns, parquet.batches())
    delimiter = "\t" if ".tsv" in name and form.delimiter == "," else form.delimiter
    table = CsvRows(_lines(whole, name, form.encoding), name, delimiter)
    return Rows(table.columns, table.batches())


def _bounded(file: IO[bytes], name: str) -> Iterator[bytes]:
    """The lines, unless one is too long: a small file that is packed may hold a huge one."""
    number = 0
    while line := file.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            told = f"more than {LONGEST_LINE:,} bytes: no row of payments is so long"
            raise UserError(f"{name}: line {number:,}: {told}")
        yield line


def _without_bom(lines: Iterator[bytes]) -> Iterator[bytes]:
    bom = _BOM.encode()
    for line in lines:
        yield line.removeprefix(bom)
        break
    yield from lines


def _lines(file: IO[bytes], name: str, encoding: str) -> Iterator[str]:
    """The lines with their endings, decoded one by one, so that a fault has its line."""
    if "16" in encoding or "32" in encoding:  # a line feed is more than one byte
        with io.TextIOWrapper(file, encoding, newline="") as text:
            try:
                yield from text
            except UnicodeError as error:
                raise UserError(f"{name}: not {encoding}: {error}") from None
        return
    number = 0
    try:
        for line in _bounded(file, name):
            number += 1
            yield line.decode(encoding) if number > 1 else line.decode(encoding).removeprefix(_BOM)
    except UnicodeError as error:
        what = str(error)
        if isinstance(error, UnicodeDecodeError):
            what = f"the byte 0x{error.object[error.start]:02x}"
        found = f"line {number}: not {encoding}: {what}"
        way = "convert the file, or name its encoding in the map: 'file: {encoding: latin-1}'"
        raise UserError(f"{name}: {found}: {way}") from None
