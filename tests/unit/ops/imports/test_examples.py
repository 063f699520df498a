"""The maps that users find read what they are said to read."""

from __future__ import annotations

import re
from pathlib import Path

from risk.engine.payment.currencies import MAJOR_UNIT
from risk.engine.payment.transaction import decode
from risk.ops.imports.map_file import read_map
from risk.ops.imports.records import Limits, Payment
from risk.ops.imports.source import Source
from risk.paths import ROOT
from tests.documents import FENCE

EXAMPLES = ROOT / "docs" / "examples"
HOW_TO = ROOT / "docs" / "how-to" / "import.md"
REFERENCE = ROOT / "docs" / "reference" / "import-map.md"
LIMITS = Limits(1_800_000_000_000, 65_536)


def payments(file: Path, map_: Path) -> list[Payment]:
    found = list(Source.of(file, map_, None).results(LIMITS))
    assert all(isinstance(one, Payment) for one in found)
    return [one for one in found if isinstance(one, Payment)]


def test_the_how_to_s_rows_are_payments_by_the_handbooks_map(tmp_path: Path) -> None:
    (rows,) = (text for _, kind, text in FENCE.findall(HOW_TO.read_text()) if kind == "csv")
    file = tmp_path / "payments.csv"
    file.write_text(rows)
    found = payments(file, EXAMPLES / "handbook.yaml")
    assert [one.label.verdict for one in found if one.label] == ["legitimate"] * 2 + ["fraud"]
    last = decode(found[2].value, found[2].user_id.encode())
    assert (last.event_id, last.amount, last.event_time) == ("hb-3", 31_000, 1_740_819_768_000)
    assert MAJOR_UNIT[last.currency] == 100
    smaller = tmp_path / "payments.jsonl"
    smaller.write_text(
        '{"id": 3, "t": 1740819768000, "user": 17, "merchant": 204, "cents": 31000, "is_fraud": 1}'
    )
    assert payments(smaller, EXAMPLES / "handbook-cents.yaml") == [found[2]._replace(row=1)]


def test_the_maps_that_are_shown_are_right() -> None:
    (shown,) = (text for _, kind, text in FENCE.findall(REFERENCE.read_text()) if kind == "yaml")
    found = read_map(shown, "import-map.md")
    assert found.labels
    example = (EXAMPLES / "handbook.yaml").read_text()
    (part,) = (text for _, kind, text in FENCE.findall(HOW_TO.read_text()) if kind == "yaml")
    for line in re.findall(r"^  \w.*$", part, re.MULTILINE):
        assert line in example
