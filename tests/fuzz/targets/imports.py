"""An import: its map, and a file of rows as CSV or JSON lines, packed or not."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from risk.errors import UserError
from risk.ops.imports.check import check
from risk.ops.imports.map_file import read_map
from risk.ops.imports.records import Limits
from risk.ops.imports.source import Source
from risk.paths import ROOT
from tests.fuzz.target import Target, as_file, parts
from tests.unit.ops.imports.maps import CSV, LABELS, PAYMENTS

LIMITS = Limits(1_900_000_000_000, 100_000)
_FAST = Path("/dev/shm")


def once(data: bytes) -> None:
    """The part `map`, and one called `rows.csv`, `rows.jsonl` or the like."""
    files = parts(data, "map")
    text = as_file(files.pop("map", PAYMENTS.encode()))
    found = read_map(text, "map")
    with tempfile.TemporaryDirectory(dir=_FAST if _FAST.is_dir() else None) as folder:
        for name, rows in files.items():
            if not name.startswith("rows.") or os.sep in name or "\0" in name or len(name) > 30:
                continue
            path = Path(folder) / name
            path.write_bytes(rows)
            source = Source(path, found, text, None)
            check(source, LIMITS, 30_000, lambda _: None, profile=True)


JSONL = """\
{"id":1,"who":"ann","when":"2025-03-01T10:00:00","euros":12.34,"shop":"s","how":"POS","fraud":0}
{"id":2,"who":"bob","when":"2025-03-01T10:00:05","euros":"5","how":"ECOM","fraud":1,"in":{"a":1}}
"""
SEEDS = (
    f"{PAYMENTS}{LABELS}\n=== rows.csv\n{CSV}".encode(),
    f"{PAYMENTS}\n=== rows.jsonl\n{JSONL}".encode(),
    f"file: {{delimiter: ';', empty: [NA]}}\n{PAYMENTS}attributes: [extra]\n=== rows.csv\n"
    f"{CSV.replace(',', ';')}".encode(),
    (ROOT / "docs/examples/handbook.yaml").read_bytes(),
    (ROOT / "docs/examples/handbook-cents.yaml").read_bytes(),
)
WORDS = (
    *(
        "column:",
        "constant:",
        "time: iso",
        "time: ms",
        "time: s",
        "zone: UTC",
        "zone: Europe/Berlin",
    ),
    *("unclear: first", "unit: major", "unit: minor", "prefix:", "digits: 4", "values:", "other:"),
    *(
        "default:",
        "format: jsonl",
        "encoding: utf-16",
        "encoding: idna",
        "encoding: rot13",
        "after: 7d",
    ),
    *("type: int", "known_at:", "verdict:", "fraud:", "legitimate:", "unknown:", "by:", "note:"),
    *("encoding: zlib_codec", "encoding: punycode", "encoding: unicode_escape", "encoding: utf-7"),
    *(
        "1e999999",
        "1E-400",
        "12,5",
        "2025-03-30T02:30:00",
        "2025-10-26T02:30:00",
        "31/12/2024",
        "%d/%m/%Y",
    ),
    *("=== rows.csv", "=== rows.jsonl", "\x1f\x8b", "-0", "1_000", "\u0661"),
)
TARGET = Target("imports", once, (UserError,), SEEDS, WORDS, "yaml")
