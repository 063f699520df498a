"""Amounts to minor units: exact in every currency, and what is no amount is told."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.ops.imports.amounts import decimals, major, minor
from risk.ops.imports.cells import Wrong

plain = major(".", "", None)
NUMBERS = st.integers(0, 10**15)
CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD", "CLF", "XYZ"])


def spelled(amount: int, places: int) -> str:
    return format(Decimal(amount).scaleb(-places), "f")


@given(NUMBERS, CURRENCIES)
def test_a_text_in_major_units_is_the_same_number_of_minor_ones(amount: int, currency: str) -> None:
    places = decimals(currency)
    text = spelled(amount, places)
    assert plain(text, places) == amount
    assert plain(f" {text} ", places) == amount
    assert plain(Decimal(text), places) == amount
    assert plain(text + ("" if "." in text else ".") + "0" * 40, places) == amount


@given(NUMBERS, CURRENCIES)
def test_commas_and_groups_change_nothing(amount: int, currency: str) -> None:
    places = decimals(currency)
    text = format(Decimal(amount).scaleb(-places), ",f")
    assert major(".", ",", None)(text, places) == amount
    german = text.translate(str.maketrans(",.", ".,"))
    assert major(",", ".", None)(german, places) == amount


@given(st.integers(0, 10**13))
def test_a_float_is_what_its_shortest_spelling_says(amount: int) -> None:
    assert plain(amount / 100, 2) == amount


@given(st.integers(-(10**15), 10**15))
def test_minor_units_are_as_they_are(amount: int) -> None:
    for cell in (amount, str(amount), f"{amount}.0", Decimal(amount)):
        assert minor(cell, 2) == amount


@pytest.mark.parametrize(
    ("cell", "currency", "wanted"),
    [
        ("12.34", "EUR", 1234),
        ("12.3", "EUR", 1230),
        ("12", "EUR", 1200),
        ("1234", "JPY", 1234),
        ("1.234", "KWD", 1234),
        (".5", "EUR", 50),
        ("1e2", "EUR", 10_000),
        ("-3.50", "EUR", -350),
        (12, "EUR", 1200),
        (57.16, "EUR", 5716),
    ],
)
def test_of_a_currency(cell: Any, currency: str, wanted: int) -> None:
    assert plain(cell, decimals(currency)) == wanted


@pytest.mark.parametrize(
    ("cell", "currency", "why"),
    [
        ("12.345", "EUR", "12.345 has more than 2 decimals: 'round: half_up' in the map rounds it"),
        ("12.5", "JPY", "12.5 has decimals: 'round: half_up' in the map rounds it"),
        ("12,34", "EUR", "'12,34' is no number"),
        ("1_000", "EUR", "'1_000' is no number"),
        ("NaN", "EUR", "'NaN' is no number"),
        ("١٢", "EUR", "'١٢' is no number"),
        ("EUR 12", "EUR", "'EUR 12' is no number"),
        ("1e999", "EUR", "1E+999 is no number that a payment can have"),
        (True, "EUR", "'True' is no number"),
        ([1], "EUR", "'[1]' is no number"),
    ],
)
def test_what_is_no_amount_is_told(cell: Any, currency: str, why: str) -> None:
    with pytest.raises(Wrong) as wrong:
        plain(cell, decimals(currency))
    assert str(wrong.value) == why


def test_groups_stand_where_they_may() -> None:
    with pytest.raises(Wrong, match="groups of three digits"):
        major(".", ",", None)("1,23", 2)
    with pytest.raises(Wrong, match="says that ',' is the point"):
        major(",", "", None)("12.34", 2)


def test_rounding_is_as_the_map_says() -> None:
    assert major(".", "", "half_up")("0.125", 2) == 13
    assert major(".", "", "half_even")("0.125", 2) == 12
    assert major(".", "", "half_up")("12.340000000000002", 2) == 1234
