"""Money as people read it."""

from __future__ import annotations

import pytest

from risk.ops.cases.money import money


@pytest.mark.parametrize(
    ("amounts", "wanted"),
    [
        ({}, ""),
        ({"EUR": 5}, "0.05 EUR"),
        ({"EUR": 123_450, "JPY": 700}, "1,234.50 EUR + 700 JPY"),
        ({"KWD": 1_002}, "1.002 KWD"),
    ],
)
def test_each_currency_has_its_decimals(amounts: dict[str, int], wanted: str) -> None:
    assert money(amounts) == wanted
