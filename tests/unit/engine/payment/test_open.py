"""Payments with less than all fields, and with more."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.engine import exact
from risk.engine.delivery import decode as decode_message
from risk.engine.messages import Score, masked
from risk.engine.payment.contract import Contract, Kind
from risk.engine.payment.members import MOST_NESTED
from risk.engine.payment.transaction import (
    FIELDS,
    OPTIONAL,
    REQUIRED,
    Rejected,
    Transaction,
    decode,
    encode,
)
from tests.contract.messages import score
from tests.unit.streams import transaction

FULL: dict[str, Any] = json.loads(encode(transaction(1, lat=52.5, lon=13.4)))


def sent(fields: dict[str, Any] | str) -> Transaction:
    value = fields if isinstance(fields, str) else json.dumps(fields)
    return decode(value.encode(), b"u1")


def refused(fields: dict[str, Any] | str) -> tuple[str, str]:
    with pytest.raises(Rejected) as caught:
        sent(fields)
    return caught.value.reason, caught.value.message


def with_(members: str) -> str:
    """A payment with some more members, as written."""
    return f"{json.dumps(FULL)[:-1]}, {members}}}"


def test_five_fields_are_enough() -> None:
    found = sent({name: FULL[name] for name in REQUIRED})
    assert [getattr(found, name) for name in OPTIONAL] == [""] * 8 + [None, None]
    assert found.attributes is None
    assert found.schema_version == 1
    assert sent(encode(found).decode()) == found


@pytest.mark.parametrize("name", REQUIRED)
def test_each_of_them_is_needed_and_not_null(name: str) -> None:
    rest = {field: value for field, value in FULL.items() if field != name}
    assert refused(rest)[0] == refused(rest | {name: None})[0] == "invalid_field"
    assert name in refused(rest)[1]


@pytest.mark.parametrize("compact", [True, False])
@given(st.sets(st.sampled_from((*OPTIONAL, "schema_version"))), st.data())
def test_null_is_left_out(compact: bool, missing: set[str], data: st.DataObject) -> None:
    if len(missing & {"lat", "lon"}) == 1:
        missing |= {"lat", "lon"}
    gaps = (",", ":") if compact else None
    less = {name: value for name, value in FULL.items() if name not in missing}
    found = sent(json.dumps(less, separators=gaps))
    assert found == sent(json.dumps(FULL | dict.fromkeys(missing), separators=gaps))
    assert all(getattr(found, name) in ("", None, 1) for name in missing)
    twice = data.draw(st.sampled_from(sorted(less)))
    text = json.dumps(less, separators=gaps)[:-1] + f",{json.dumps({twice: less[twice]})[1:]}"
    assert refused(text) == ("invalid_field", f"{twice}: stands twice: send every member once")


@pytest.mark.parametrize("name", OPTIONAL)
def test_an_empty_text_says_neither(name: str) -> None:
    assert refused(FULL | {name: ""})[0] == "invalid_field"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ('"email": "a@b.example"', {"email": "a@b.example"}),
        ('"n": 7, "x": 0.25, "yes": true', {"n": 7, "x": 0.25, "yes": True}),
        ('"nothing": null', None),
        ('"attributes": {"a": 1}', {"attributes": {"a": 1}}),
        ('"attributes": null', None),
        ('"attributes": 5', {"attributes": 5}),
        ('"basket": [{"sku": "a:b", "n": null}]', {"basket": [{"sku": "a:b", "n": None}]}),
        ('"a:b": "c:d"', {"a:b": "c:d"}),
        ('"": "empty"', {"": "empty"}),
        ('"jos\\u00e9": "\\"quoted\\""', {"josé": '"quoted"'}),
        (f'"n": {2**63 - 1}, "m": {-(2**63)}', {"n": 2**63 - 1, "m": -(2**63)}),
        (f'"n": {2**63}', {"n": str(2**63)}),
        (f'"n": 1{"0" * 5_000}', {"n": "1" + "0" * 5_000}),
        ('"x": 1e400, "y": -1e400', {"x": "1e400", "y": "-1e400"}),
        ('"x": 1e3', {"x": 1000.0}),
        ('"x": 1e99999999999999999999', {"x": "1e99999999999999999999"}),
        ('"a": "nul\\u0000", "b\\u0000": 1', {"a": "nul\\u0000", "b\\u0000": 1}),
        ('"a": "\\ud800x"', {"a": "\\ud800x"}),
        ('"pan": "4111 1111 1111 1111"', {"pan": "**** **** **** 1111"}),
        ('"pan": 4111111111111111', {"pan": "************1111"}),
        ('"in": ["x", {"4111111111111111": 2}]', {"in": ["x", {"************1111": 2}]}),
        ('"x": 0.4111111111111111', {"x": 0.4111111111111111}),
    ],
)
def test_what_is_kept_of_further_members(written: str, kept: dict[str, Any] | None) -> None:
    found = sent(with_(written))
    assert found.attributes == kept
    assert sent(encode(found).decode()) == found
    plain = msgspec.structs.replace(found, attributes=None)
    assert plain == sent(FULL)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ('"a": 1, "a": 1', "a"),
        ('"a": 1, "\\u0061": 2', "a"),
        ('"a": {"b": 1, "b": 2}', "b"),
        ('"a": null, "a": 1', "a"),
        ('"a": "x:y", "amount": 1000', "amount"),
        ('"a\\u0000": 1, "a\\\\u0000": 2', "a\\\\u0000"),
    ],
)
def test_none_stands_twice(written: str, name: str) -> None:
    assert refused(with_(written)) == (
        "invalid_field",
        f"{name}: stands twice: send every member once",
    )


def test_nesting_is_bounded_whatever_the_way_there() -> None:
    def nested(depth: int, name: str = "a") -> str:
        return with_(f'"{name}": {"[" * (depth - 1)}{"]" * (depth - 1)}')

    assert sent(nested(MOST_NESTED)).attributes is not None
    for depth in (MOST_NESTED + 1, 5_000):
        for name in ("a", "attributes"):
            assert refused(nested(depth, name))[0] == "not_json"


def test_a_fault_beside_an_attribute_is_told() -> None:
    assert refused(FULL | {"a": 1, "channel": "phone"})[1].startswith("channel: ")
    assert refused(FULL | {"a": 1, "lat": None})[1] == "lat, lon: one without the other"
    assert refused(with_('"a": 1')[:-1])[0] == "not_json"
    assert refused(with_('"a": NaN'))[0] == "not_json"


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), json_values, max_size=4), st.booleans())
def test_whatever_a_producer_adds_passes_every_codec(
    members: dict[str, Any], ascii_only: bool
) -> None:
    members = {name: value for name, value in members.items() if name not in FIELDS}
    value = json.dumps(FULL | members, ensure_ascii=ascii_only).replace("Infinity", "1e999")
    told: Rejected | None = None
    try:
        found = decode(value.encode("utf-8", "surrogatepass"), b"u1")
    except Rejected as error:
        told = error
    if told is not None:
        assert told.reason == "not_utf8" or "stands twice" in told.message
        return
    assert exact.decode(exact.encode(found.attributes)) == found.attributes
    message = msgspec.structs.replace(score("e1"), transaction=masked(found))
    read = decode_message(msgspec.json.encode(message))
    assert isinstance(read, Score)
    assert read.transaction.undeclared == found.attributes
    assert "\0" not in json.dumps(found.attributes, ensure_ascii=False)


DECLARED: dict[str, Kind] = {"n": "int", "x": "float", "yes": "bool", "tier": "str"}
CONTRACT = Contract("shop:3", DECLARED, ("ip", "lat", "tier"), frozenset(DECLARED))


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ({"n": "7"}, "n: expected a whole number (int), found a text (str)"),
        ({"n": 7.5}, "n: expected a whole number (int), found a number (float)"),
        ({"n": True}, "n: expected a whole number (int), found true or false (bool)"),
        ({"x": [1]}, "x: expected a number (float), found a list"),
        ({"yes": 1}, "yes: expected true or false (bool), found a whole number (int)"),
        ({"tier": {}}, "tier: expected a text (str), found an object"),
        ({"ip": None}, "ip: missing: ruleset shop:3 requires it"),
        ({"lat": None, "lon": None}, "lat: missing: ruleset shop:3 requires it"),
        ({"tier": None}, "tier: missing: ruleset shop:3 requires it"),
    ],
)
def test_a_payment_that_is_not_as_asked_is_told_so(members: dict[str, Any], told: str) -> None:
    with pytest.raises(Rejected) as caught:
        CONTRACT.check(sent(FULL | {"tier": "gold"} | members))
    assert caught.value.reason == "invalid_field"
    assert caught.value.message.startswith(told)
    assert "shop:3" in caught.value.message


def test_a_payment_that_is_as_asked_passes_and_others_are_counted() -> None:
    txn = sent(FULL | {"tier": "gold", "n": 7, "x": 7, "yes": False, "a": 1, "b": "x"})
    CONTRACT.check(txn)
    assert CONTRACT.undeclared(txn) == 2
    shown = masked(txn, DECLARED)
    assert shown.attributes == {"tier": "gold", "n": 7, "x": 7.0, "yes": False}
    assert shown.undeclared == {"a": 1, "b": "x"}
