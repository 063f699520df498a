"""What a dry run says of a file's columns."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from risk.ops.imports.batch import Batch
from risk.ops.imports.profile import MOST_DISTINCT, Column, Profile


def profile(*batches: dict[str, list[Any]]) -> list[Column]:
    found, first = Profile(), 1
    for columns in batches:
        size = len(next(iter(columns.values())))
        found.add(Batch(first, size, columns, {}))
        first += size
    return found.columns()


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        (["9", "10", ""], Column("a", "integer", 0.3333, 2, "9", "10", "9")),
        (["9.5", "10"], Column("a", "decimal", 0.0, 2, "9.5", "10", "9.5")),
        (["9", "x"], Column("a", "text", 0.0, 2, "9", "x", "9")),
        (["2025-03-01", "2025-03-01T10:00Z"], Column(
            "a", "time", 0.0, 2, "2025-03-01", "2025-03-01T10:00Z", "2025-03-01"
        )),
        ([3, None, 1], Column("a", "integer", 0.3333, 2, "1", "3", "3")),
        ([1.5, 0.5], Column("a", "decimal", 0.0, 2, "0.5", "1.5", "1.5")),
        ([Decimal("1.50")], Column("a", "decimal", 0.0, 1, "1.50", "1.50", "1.50")),
        ([True, False], Column("a", "boolean", 0.0, 2, "False", "True", "True")),
        ([datetime(2025, 3, 1)], Column(
            "a", "time", 0.0, 1, *["2025-03-01 00:00:00"] * 3
        )),
        ([1, "x"], Column("a", "integer or text", 0.0, 2, "", "", "1")),
        ([[1], [2]], Column("a", "list", 0.0, None, "", "", "[1]")),
        ([None, ""], Column("a", "empty", 1.0, 0, "", "", "")),
    ],
)  # fmt: skip
def test_of_a_column(cells: list[Any], wanted: Column) -> None:
    assert profile({"a": cells}) == [wanted]


def test_of_many_batches() -> None:
    (found,) = profile({"a": ["5", "9"]}, {"a": ["10", ""]}, {"a": ["1.5", "7"]})
    assert found == Column("a", "decimal", round(1 / 6, 4), 5, "1.5", "10", "5")
    late, early = profile({"b": [1, 2]}, {"a": [3, 4]})
    assert (late.empty, early.empty) == (0.5, 0.5)


def test_distinct_values_are_counted_up_to_a_bound() -> None:
    (found,) = profile({"a": list(range(MOST_DISTINCT))})
    assert found.distinct == MOST_DISTINCT
    (found,) = profile({"a": list(range(MOST_DISTINCT + 1))})
    assert found.distinct is None


def test_no_card_number_is_shown() -> None:
    for cell in ("4111111111111111", 4111111111111111, "pay 4111 1111 1111 1111"):
        (found,) = profile({"a": [cell]})
        for text in (found.least, found.greatest, found.example):
            assert "4111 1" not in text
            assert "41111" not in text
