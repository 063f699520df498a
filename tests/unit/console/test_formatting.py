"""Money by ISO 4217, shares and rates."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.console import formatting


@pytest.mark.parametrize(
    ("minor", "currency", "shown"),
    [
        (123_450, "EUR", "EUR 1,234.50"),
        (1_234, "JPY", "JPY 1,234"),
        (1_234, "KWD", "KWD 1.234"),
        (5, "USD", "USD 0.05"),
        (12_345, "CLF", "CLF 1.2345"),
    ],
)
def test_money_has_the_digits_of_its_currency(minor: int, currency: str, shown: str) -> None:
    assert formatting.money(minor, currency) == shown


@given(st.integers(0, 10**15), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_money_is_exact(minor: int, currency: str) -> None:
    exponent = {"EUR": 2, "JPY": 0, "KWD": 3}[currency]
    digits = formatting.money(minor, currency).removeprefix(f"{currency} ").replace(",", "")
    assert Decimal(digits) == Decimal(minor).scaleb(-exponent)


def test_shares_and_rates_have_digits_that_say_something() -> None:
    assert formatting.percent(1, 0) == "–"
    assert formatting.percent(1, 30) == "3.3%"
    assert [formatting.rate(per_s) for per_s in (0.0166, 3.25, 512.3)] == ["0.02", "3.2", "512"]
