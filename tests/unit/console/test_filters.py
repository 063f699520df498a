"""Filters, and places in the feed, as they stand in addresses."""

from __future__ import annotations

import contextlib
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.console.live import filters, place
from risk.console.live.filters import BadFilter, Filter
from risk.console.live.place import Place
from tests.unit.console.alerts import alert

FILTERS = st.builds(
    Filter,
    decision=st.sampled_from(["", "REVIEW", "BLOCK"]),
    score=st.integers(0, 100),
    user=st.text(st.characters(exclude_categories=["C", "Z"]), max_size=40),
    country=st.sampled_from(["", "DE", "BR"]),
    rule=st.sampled_from(["", "card_testing"]),
)


@given(FILTERS)
def test_an_address_gives_the_filter_back(wanted: Filter) -> None:
    assert filters.parse(dict(parse_qsl(wanted.query()))) == wanted


@given(st.dictionaries(st.sampled_from([*Filter.__struct_fields__]), st.text(max_size=200)))
def test_any_address_is_a_filter_or_told_what_is_wrong(given_: dict[str, str]) -> None:
    with contextlib.suppress(BadFilter):
        assert filters.parse(dict(parse_qsl(filters.parse(given_).query()))) == filters.parse(
            given_
        )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("decision", "ALLOW"),
        ("score", "101"),
        ("score", "١"),
        ("country", "Germany"),
        ("rule", "A b"),
    ],
)
def test_what_cannot_be_is_named(field: str, value: str) -> None:
    with pytest.raises(BadFilter, match=f"^{field}: "):
        filters.parse({field: value})


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        (Filter(), True),
        (Filter(decision="REVIEW", score=70, user="u1", country="DE", rule="ip_burst"), True),
        (Filter(decision="BLOCK"), False),
        (Filter(score=71), False),
        (Filter(user="u"), False),
        (Filter(country="FR"), False),
        (Filter(rule="card_testing"), False),
    ],
)
def test_an_alert_is_wanted_or_not(wanted: Filter, fits: bool) -> None:
    assert wanted.matches(alert()) is fits


def test_a_place_is_read_as_it_is_written() -> None:
    assert place.parse(str(Place("0123abcd", 42))) == Place("0123abcd", 42)
    for text in (None, "", "42", "0123abcd-", "0123abcd--1", "0123abcd-1\n", "0123ABCD-1"):
        assert place.parse(text) is None
