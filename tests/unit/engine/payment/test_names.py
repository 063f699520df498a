"""Identifiers, integers and members of a payment: what is taken, and what is said of what isn't."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from risk.engine.payment import members, names
from risk.engine.payment.redaction import has_card_number
from risk.engine.payment.rejected import MOST_TOLD
from risk.engine.payment.transaction import Rejected, Transaction, decode, encode
from tests.unit.streams import START, transaction

FIELDS = json.loads(encode(transaction(1)))
IDS = ("event_id", "user_id", "merchant_id", "device_id", "card_token", "source")


def sent(text: str, key: str = "u1") -> Transaction:
    return decode(text.encode(), key.encode())


def refused(text: str, key: str = "u1") -> str:
    with pytest.raises(Rejected) as caught:
        sent(text, key)
    assert caught.value.reason == "invalid_field"
    return caught.value.message


def with_id(name: str, value: str) -> tuple[str, str]:
    """A record, and its key."""
    fields = FIELDS | {name: value}
    return json.dumps(fields), fields["user_id"]


FAMILY = "\N{WOMAN}\u200d\N{WOMAN}\u200d\N{GIRL}"


@pytest.mark.parametrize("name", IDS)
@pytest.mark.parametrize(
    "value", [FAMILY, "soft\u00adhyphen", "a b", "Jos\u00e9", "*" * 7, "a:b|c", "\uac00", 'a\\b"c']
)
def test_an_id_may_have(name: str, value: str) -> None:
    record, key = with_id(name, value)
    assert getattr(sent(record, key), name) == value


@pytest.mark.parametrize("name", IDS)
@pytest.mark.parametrize(
    ("value", "message"),
    [
        (" a", "has a blank before or after it: strip it"),
        ("a ", "has a blank before or after it: strip it"),
        (" ", "has a blank before or after it: strip it"),
        ("a\u00a0", "has the character U+00A0: leave it out"),
        ("\ufeffa", "has the character U+FEFF: leave it out"),
        ("a\0", "has the character U+0000: leave it out"),
        ("a\x85b", "has the character U+0085: leave it out"),
        ("a\u2028", "has the character U+2028: leave it out"),
        ("Jose\u0301", "not in Unicode's composed form: normalize it to NFC before it is sent"),
        ("********1111", "has a masked card number, as a dead letter shows it: send the real id"),
    ],
)
def test_an_id_may_not_have(name: str, value: str, message: str) -> None:
    assert refused(*with_id(name, value)) == f"{name}: {message}"


@given(st.lists(st.characters(codec="utf-8"), min_size=1, max_size=6).map("".join))
@example("\u1b06")  # composed since Unicode 5.0
def test_every_composed_text_is_composed_whatever_pythons_unicode_is(text: str) -> None:
    composed = unicodedata.normalize("NFC", text)
    assert "composed" not in (names.fault("user_id", composed) or "")


@given(
    st.lists(st.text(min_size=1) | st.text("0459 .-_/\\|ta", min_size=9), min_size=1, max_size=3)
)
@example(["a", "0123 4567-8901"])  # of no network, but a token must not look like it either
@example(["4111\\t1111 1111 1111", "b"])
def test_a_quick_look_never_takes_what_a_closer_one_refuses(ids: list[str]) -> None:
    if names.are_plain("|" + "|".join(ids) + "|"):
        for name in ("user_id", "card_token"):
            assert [names.fault(name, one) for one in ids] == [None] * len(ids)


@pytest.mark.parametrize("name", ["amount", "event_time", "schema_version"])
@pytest.mark.parametrize("form", ["{}.0", "{}e0", "{}E+0", "{}0e-1", "{}.000"])
def test_an_integer_may_be_written_as_a_fraction(name: str, form: str) -> None:
    value = FIELDS[name]
    record = json.dumps(FIELDS).replace(f'"{name}": {value}', f'"{name}": {form.format(value)}')
    assert sent(record) == transaction(1)
    assert type(getattr(sent(record), name)) is int


@pytest.mark.parametrize(
    ("written", "amount"),
    [("1e3", 1_000), ("1e15", 10**15), ("999999999999999.0", 999_999_999_999_999), ("-0.0", 0)],
)
def test_it_is_read_exactly(written: str, amount: int) -> None:
    record = json.dumps(FIELDS | {"lat": 1.5, "lon": -0.25}).replace("1000,", f"{written},")
    txn = sent(record)
    assert (txn.amount, txn.lat, txn.lon) == (amount, 1.5, -0.25)


@pytest.mark.parametrize(
    "written", ["1.5", "1e16", "1e-1", "999999999999999.5", "1e999999999999999999", "-1.0", "1e400"]
)
def test_what_is_no_integer_in_range_is_refused(written: str) -> None:
    record = json.dumps(FIELDS).replace('"amount": 1000', f'"amount": {written}')
    assert refused(record).startswith(("amount: ", "Number out of range"))


def test_another_fault_beside_such_an_integer_is_named() -> None:
    record = json.dumps(FIELDS | {"amount": 1.0, "channel": "phone"})
    assert refused(record).startswith("channel: ")


@given(st.integers(0, 10**15), st.integers(0, 8))
def test_no_digit_is_lost(amount: int, zeros: int) -> None:
    found = members.read(f'{{"amount": {amount}.{"0" * (zeros + 1)}}}'.encode())
    assert members.number("amount", found["amount"]) == amount


REPEATED: list[Any] = [
    ('"amount": 100, "amount": 999999', "amount"),
    ('"amount": 1000,"amount" :1000', "amount"),
    ('"amount": 1000,\n"amount"\t:1000', "amount"),
    ('"amount": 1000, "am\\u006funt": 7', "amount"),
    ('"amount": 1000, "lat": null, "lat": null, "lon": null', "lat"),
    ('"amount": 1000, "merchant_id": "a:b"', "merchant_id"),
    ('"amount": 1000.0, "channel": "app"', "channel"),
    ('"amount": 1000, "source": "a\\u003ab"', "source"),
    ('"amount": 1000, "source": "a\\":b"', "source"),
]


@pytest.mark.parametrize(("text", "name"), REPEATED)
def test_a_member_that_stands_twice_is_refused(text: str, name: str) -> None:
    for place in ({}, {"lat": 1.5, "lon": 2.5}):
        fields = {key: value for key, value in FIELDS.items() if key not in ("lat", "lon")}
        record = json.dumps(fields | place).replace('"amount": 1000', text)
        if '"lat"' in text and place:
            continue
        assert refused(record) == f"{name}: stands twice: send every member once"
        assert refused(record.replace('": ', '":')) == refused(record)


@given(
    st.sampled_from(sorted(FIELDS)),
    st.sampled_from(("a", "a:b", "\u003a", '":', "é", "2001:db8::1")),
    st.sampled_from(((",", ":"), (", ", ": "), (" , ", " : "))),
    st.booleans(),
    st.booleans(),
)
def test_whatever_the_spelling_once_is_taken_and_twice_is_not(
    name: str, merchant: str, separators: tuple[str, str], placed: bool, ascii_only: bool
) -> None:
    fields = FIELDS | {"merchant_id": merchant, "ip": "2001:db8::1"}
    fields |= {"lat": 1, "lon": 2} if placed else {}
    record = json.dumps(fields, separators=separators, ensure_ascii=ascii_only)
    assert sent(record).merchant_id == merchant
    again = json.dumps({name: fields[name]}, separators=separators, ensure_ascii=ascii_only)
    assert refused(f"{record[:-1]},{again[1:]}").startswith(f"{name}: stands twice")


CARDS = ("PAN4111111111111111", "4111.1111.1111.1111", "4111111111111111", "371449635398431")


@pytest.mark.parametrize("name", IDS)
@pytest.mark.parametrize("value", CARDS)
def test_a_card_number_in_an_id_is_refused_and_not_repeated(name: str, value: str) -> None:
    message = refused(*with_id(name, value))
    assert message.startswith(f"{name}: ")
    assert "card number" in message
    assert not has_card_number(message)
    assert "1111" not in message


@pytest.mark.parametrize(
    "value", ["411111111111", "4111 1111 1111 1112", "9" * 19, "1234.5678.9012"]
)
def test_no_long_number_is_a_token(value: str) -> None:
    assert refused(*with_id("card_token", value)) == (
        "card_token: looks like a card number, send a token"
    )


@pytest.mark.parametrize(
    "value",
    ["1853012345678901234", str(START), "4915112345678", "550e8400-e29b-41d4-a716-446655440000"],
)
def test_ids_that_are_numbers_are_taken(value: str) -> None:
    for name in IDS[:4]:
        record, key = with_id(name, value)
        assert getattr(sent(record, key), name) == value


def test_what_is_said_quotes_no_card_number_and_is_short() -> None:
    record = json.dumps(FIELDS)[:-1] + ', "4111111111111111": 1, "4111111111111111": 1}'
    assert refused(record) == "************1111: stands twice: send every member once"
    assert "4111" not in refused(json.dumps(FIELDS | {"channel": "4111111111111111"}))
    name = "x" * 1_100_000
    told = refused(json.dumps(FIELDS)[:-1] + f', "{name}": 1, "{name}": 1}}')
    assert len(told) < MOST_TOLD
