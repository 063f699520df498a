"""Each format as rows, plain and gzipped; and what is damaged, or isn't what it says, is told."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from risk.errors import UserError
from risk.ops.imports.batch import MOST_COLUMNS, ROWS, first_rows
from risk.ops.imports.mapping import FileForm
from risk.ops.imports.reading import LONGEST_LINE, opened

FORM = FileForm(None, ",", "utf-8", frozenset())
Table = dict[str, list[Any]]


def read(path: Path, form: FileForm = FORM, rows: int | None = None) -> Table:
    found: Table = {}
    with opened(path, form) as opening:
        seen = 0
        for batch in first_rows(opening.batches, rows):
            assert batch.first == seen + 1
            for name in {*batch.columns, *found}:
                cells: Sequence[Any] = batch.columns.get(name) or [None] * batch.size
                found.setdefault(name, [None] * seen).extend(cells)
            seen += batch.size
    return found


def wrong(path: Path, form: FileForm = FORM) -> str:
    with pytest.raises(UserError) as refused:
        read(path, form)
    return str(refused.value)


def parquet(path: Path, table: Any) -> Path:
    import pyarrow.parquet as pq

    pq.write_table(table, path)
    return path


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize(
    "text",
    [
        "a,b\n1,x\n2,\n",
        "\ufeffa,b\r\n1,x\r\n2,\r\n",
        "a,b\n\n1,x\n\n2,",
        '"a","b"\n"1","x"\n2,""\n',
    ],
    ids=["lf", "bom and crlf", "blank lines", "quoted"],
)
def test_csv(tmp_path: Path, text: str, packed: bool) -> None:
    path = tmp_path / ("a.csv.gz" if packed else "a.csv")
    raw = text.encode()
    path.write_bytes(gzip.compress(raw) if packed else raw)
    assert read(path) == {"a": ["1", "2"], "b": ["x", ""]}


def test_csv_with_line_breaks_in_quotes_and_other_separators(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b'a;b\n"one\r\ntwo";"he said ""no"", twice"\n')
    form = FORM._replace(delimiter=";")
    assert read(path, form) == {"a": ["one\r\ntwo"], "b": ['he said "no", twice']}
    (tmp_path / "a.tsv").write_text("a\tb\n1\t2\n")
    assert read(tmp_path / "a.tsv") == {"a": ["1"], "b": ["2"]}


def test_csv_with_more_rows_than_a_batch_has(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a\n" + "".join(f"{n}\n" for n in range(2 * ROWS + 3)))
    assert read(path)["a"] == [str(n) for n in range(2 * ROWS + 3)]
    assert read(path, rows=ROWS)["a"] == [str(n) for n in range(ROWS)]
    assert read(path, rows=ROWS + 2)["a"] == [str(n) for n in range(ROWS + 2)]


def test_csv_with_too_few_or_too_many_fields_has_broken_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n3\n4,5,6\n")
    with opened(path, FORM) as opening:
        (batch,) = opening.batches
    assert batch.broken == {
        1: "1 fields, where the header has 2",
        2: "3 fields, where the header has 2",
    }
    assert batch.row(2) == {"a": "4", "b": "5"}


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "a.csv: empty: a line with the columns' names is expected"),
        (b"\n\n", "a.csv: empty: a line with the columns' names is expected"),
        (b"a,b,a\n", "a.csv: the column 'a' stands twice in the header"),
        (b'a,b\n"1,2\n3,4\n', "a.csv: line 3: no CSV: a quotation mark isn't closed"),
        (
            b"a\nx\nCaf\xe9\n",
            "a.csv: line 3: not utf-8: the byte 0xe9: convert the file, or name its encoding in "
            "the map: 'file: {encoding: latin-1}'",
        ),
    ],
)
def test_csv_that_is_none_is_told(tmp_path: Path, raw: bytes, why: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(raw)
    assert wrong(path) == why


@pytest.mark.parametrize("encoding", ["latin-1", "windows-1252", "utf-16"])
def test_csv_in_another_encoding_is_read_if_the_map_names_it(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("a\r\nCafé\r\n".encode(encoding))
    assert read(path, FORM._replace(encoding=encoding)) == {"a": ["Café"]}


def test_a_gzip_file_that_is_cut_off_is_told(tmp_path: Path) -> None:
    whole = gzip.compress("".join(["a\n", *(f"{n * n}\n" for n in range(50_000))]).encode())
    for name, raw in (("a.csv.gz", whole[:-50]), ("a.csv", whole[: len(whole) // 2])):
        path = tmp_path / name
        path.write_bytes(raw)
        assert wrong(path).startswith(f"{name}: the gzip file is damaged or cut off: ")


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_json_lines(tmp_path: Path, packed: bool) -> None:
    lines = '\ufeff{"a": 1, "b": {"c": "x", "d": {"e": null}}}\r\n\n{"a": 12.10, "late": true}\n'
    path = tmp_path / "a.jsonl"
    path.write_bytes(gzip.compress(lines.encode()) if packed else lines.encode())
    assert read(path) == {
        "a": [1, Decimal("12.10")],
        "b.c": ["x", None],
        "b.d.e": [None, None],
        "late": [None, True],
    }


def test_json_lines_that_are_none_are_broken_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"a": 1}\n[1]\n{"a": \n{"a": "\xe9"}\n')
    with opened(path, FORM) as opening:
        (batch,) = opening.batches
    assert list(batch.broken) == [1, 2, 3]
    assert batch.broken[1] == "no JSON object"
    assert batch.broken[2].startswith("no JSON: Input data was truncated")


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_parquet(tmp_path: Path, packed: bool) -> None:
    import pyarrow as pa

    noon = datetime(2025, 3, 1, 12, 0, 0, 5_000)
    table = pa.table(
        {
            "whole": pa.array([1, None], pa.int32()),
            "full": pa.array([1, 2], pa.int64()),
            "narrow": pa.array([12.1, None], pa.float32()),
            "exact": pa.array([Decimal("1.20"), None]),
            "naive": pa.array([noon, None], pa.timestamp("ns")),
            "aware": pa.array([noon, None], pa.timestamp("ms", "Europe/Berlin")),
            "day": pa.array([date(2025, 3, 1), None]),
            "code": pa.array(["x", None]).dictionary_encode(),
            "card": pa.array([{"country": "DE"}, {"country": None}]),
        }
    )
    path = parquet(tmp_path / "a.parquet", table)
    if packed:
        path.write_bytes(gzip.compress(path.read_bytes()))
    found = read(path)
    assert found["full"] == [1, 2]
    assert {name: cells[1] for name, cells in found.items() if name != "full"} == dict.fromkeys(
        found.keys() - {"full"}
    )
    assert {name: cells[0] for name, cells in found.items()} == {
        "whole": 1,
        "full": 1,
        "narrow": 12.1,
        "exact": Decimal("1.20"),
        "naive": noon,
        "aware": noon.replace(tzinfo=UTC),
        "day": datetime(2025, 3, 1),
        "code": "x",
        "card.country": "DE",
    }


def test_parquet_without_rows_has_its_columns(tmp_path: Path) -> None:
    import pyarrow as pa

    path = parquet(tmp_path / "a.parquet", pa.table({"a": pa.array([], pa.int64())}))
    with opened(path, FORM) as opening:
        assert opening.columns == ["a"]
        assert list(opening.batches) in ([], [(1, 0, {"a": []}, {})])


def test_what_is_no_parquet_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    for raw in (b"", b"a,b\n1,2\n", b"PAR1" + b"x" * 100 + b"PAR1"):
        path.write_bytes(raw)
        assert wrong(path).startswith("a.parquet: no Parquet: ")


def test_a_file_is_known_by_its_ending_or_by_the_map(tmp_path: Path) -> None:
    path = tmp_path / "export.dat"
    path.write_text("a\n1\n")
    assert "not known by its ending" in wrong(path)
    assert read(path, FORM._replace(form="csv")) == {"a": ["1"]}


def test_a_file_of_very_many_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(",".join(f"c{n}" for n in range(MOST_COLUMNS + 1)) + "\n")
    assert wrong(path).startswith("x.csv: 1,001 columns: at most 1,000 may be")


def test_rows_may_not_each_have_columns_of_their_own(tmp_path: Path) -> None:
    """A batch has a cell for each column in every row: eight thousand of both fill the memory."""
    path = tmp_path / "x.jsonl"
    path.write_text("".join(f'{{"c{n}":1}}\n' for n in range(MOST_COLUMNS + 2)))
    with opened(path, FORM) as opening:
        (batch,) = opening.batches
    assert (len(batch.columns), batch.size) == (MOST_COLUMNS, MOST_COLUMNS + 2)
    told = "with its members the file has more than 1,000 columns"
    assert batch.broken == {MOST_COLUMNS: told, MOST_COLUMNS + 1: told}


def test_a_line_that_only_packed_is_short_is_refused(tmp_path: Path) -> None:
    for name in ("x.csv.gz", "x.jsonl.gz"):
        path = tmp_path / name
        path.write_bytes(gzip.compress(b"a" * (LONGEST_LINE + 1)))
        assert wrong(path).startswith(f"{name}: line 1: more than 4,194,304 bytes")
