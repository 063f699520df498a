"""JSON lines: an object a line. Members of one within it are columns such as `card.country`."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from typing import Any

import msgspec

from risk.ops.imports.batch import MOST_COLUMNS, ROWS, Batch

# A number is read as it is written: 12.10 is not first made a float.
_decoder = msgspec.json.Decoder(float_hook=Decimal)


def batches(lines: Iterator[bytes]) -> Iterator[Batch]:
    """All lines but blank ones."""
    filled = (line for line in lines if line.strip())
    first = 1
    while some := list(islice(filled, ROWS)):
        yield _batch(first, some)
        first += len(some)


def _batch(first: int, lines: list[bytes]) -> Batch:
    rows: list[dict[str, Any]] = []
    broken: dict[int, str] = {}
    columns: dict[str, None] = {}
    for at, line in enumerate(lines):
        row = {}
        try:
            found = _decoder.decode(line)
            if isinstance(found, dict):
                row = _flat(found)
            else:
                broken[at] = "no JSON object"
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ArithmeticError) as error:
            broken[at] = f"no JSON: {error}"
        if new := row.keys() - columns.keys():
            if len(columns) + len(new) > MOST_COLUMNS:
                broken[at] = f"with its members the file has more than {MOST_COLUMNS:,} columns"
                row = {}
            columns.update(dict.fromkeys(row))
        rows.append(row)
    return Batch(first, len(rows), {name: [r.get(name) for r in rows] for name in columns}, broken)


def _flat(found: dict[str, Any]) -> dict[str, Any]:
    if not any(isinstance(value, dict) for value in found.values()):
        return found
    flat: dict[str, Any] = {}
    for name, value in found.items():
        if isinstance(value, dict):
            flat.update({f"{name}.{inner}": one for inner, one in _flat(value).items()})
        else:
            flat[name] = value
    return flat
