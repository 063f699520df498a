"""`schemas/` against what is really read and written."""

from __future__ import annotations

import json
import re
import string
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker, validators

from flink_jobs.lines import JSON_KEY
from flink_jobs.messages import Writer
from risk.derived.build import DECLARED
from risk.engine.features.catalogue import NAMES
from risk.engine.feedback import Feedback
from risk.engine.messages import Alert, Label, Late, MaskedTransaction, Reason, Score
from risk.engine.payment.names import FORBIDDEN
from risk.engine.payment.transaction import (
    FIELDS,
    OPTIONAL,
    Rejected,
    Transaction,
    decode,
    encode,
)
from risk.engine.rules import load
from risk.engine.stages.base import MemoryStore, Raw
from risk.engine.stages.fused import Fused
from tests.unit.streams import START, raw, reading, records, transaction

ROOT = Path(__file__).parents[3]
SCHEMAS = {path.stem: json.loads(path.read_text()) for path in (ROOT / "schemas").glob("*.json")}
RULESET = ROOT / "rules" / "default"


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(SCHEMAS[name], format_checker=FormatChecker())


VALIDATORS = {name: validator(name) for name in SCHEMAS}


def ruleset_writer() -> Writer:
    files = {
        path.relative_to(RULESET).as_posix(): path.read_text(encoding="utf-8")
        for path in RULESET.rglob("*.yaml")
    }
    return Writer(load(files), "live-0")


WRITER = ruleset_writer()


def invalid(name: str, message: bytes | str) -> list[str]:
    return [error.message for error in VALIDATORS[name].iter_errors(json.loads(message))]


def objects(schema: Any) -> list[dict[str, Any]]:
    """Every schema of an object in a schema."""
    if isinstance(schema, list):
        return [found for part in schema for found in objects(part)]
    if not isinstance(schema, dict):
        return []
    inner = [found for part in schema.values() for found in objects(part)]
    return [schema, *inner] if schema.get("type") == "object" else inner


def test_there_is_one_for_every_message() -> None:
    assert sorted(SCHEMAS) == ["alert", "feedback", "label", "late", "score", "transaction"]


@pytest.mark.parametrize("name", SCHEMAS)
def test_each_is_a_strict_schema(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])
    for schema in objects(SCHEMAS[name]):
        if "properties" not in schema:  # attributes, under names of their senders
            continue
        if schema is SCHEMAS["score"]["$defs"]["features"]:
            assert schema["additionalProperties"] == DECLARED
        else:
            assert schema["additionalProperties"] is (schema is SCHEMAS["transaction"])
        assert set(schema["required"]) <= set(schema["properties"])


MESSAGES = {
    "transaction": Transaction,
    "score": Score,
    "alert": Alert,
    "late": Late,
    "label": Label,
    "feedback": Feedback,
}


@pytest.mark.parametrize("name", MESSAGES)
def test_each_has_the_fields_of_its_message(name: str) -> None:
    fields = MESSAGES[name].__struct_fields__
    if name == "transaction":  # all its other members
        fields = tuple(field for field in fields if field != "attributes")
    assert tuple(SCHEMAS[name]["properties"]) == fields


def test_parts_that_several_share_are_the_same_in_each() -> None:
    seen: dict[str, Any] = {}
    for schema in SCHEMAS.values():
        for name, part in schema["$defs"].items():
            assert seen.setdefault(name, part) == part
    assert tuple(seen["transaction"]["properties"]) == MaskedTransaction.__struct_fields__
    assert tuple(seen["reason"]["properties"]) == Reason.__struct_fields__
    assert tuple(seen["features"]["properties"]) == NAMES


def text(alphabet: str, size: int) -> st.SearchStrategy[str]:
    return st.text(alphabet, min_size=size, max_size=size)


# What is rare in texts made at random: parts of emoji, blanks, controls, both forms of an accent,
# halves of surrogate pairs, and what a dead letter shows of a card number.
ODD = st.sampled_from(
    (
        *(
            "\u200d",
            "\u00ad",
            "\ufe0f",
            "👩‍👩‍👧",
            "\u202e",
            "\u200c",
            "é",
            "e\u0301",
            "\u1e9b\u0323",
            "\uac00",
        ),
        *(" ", "\u00a0", "\u2003", "\u200b", "\u3000", "\ufeff", "\u1680", "\u180e", "\u2060"),
        *(
            "\0",
            "\t",
            "\n",
            "\x7f",
            "\x85",
            "\u2028",
            "\u2029",
            "\ud800",
            "\udfff",
            "\U000e0001",
            "\uffff",
        ),
        *("********", "*" * 7, ":", "\\", '"', '":', "|", "a", "0", "123456789012", "-", "."),
    )
)
identifiers = st.one_of(
    st.text(string.ascii_letters + string.digits + " -_äß語😀", min_size=1, max_size=128),
    st.text(min_size=0, max_size=129),
    st.lists(ODD | st.characters(), min_size=1, max_size=8).map("".join),
)
plain_ids = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=12)


def mostly(usual: st.SearchStrategy[Any], odd: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """So that a record is not wrong in everything at once."""
    return st.one_of(usual, usual, usual, odd)


codes = st.sampled_from(("EU", "eur", "EURO", "E R", "E1R", "DE\n", "ÄÖÜ", "1234", "١٢٣٤", ""))
ints = st.one_of(st.integers(-1, 10**15 + 1), st.sampled_from((True, None, "1", 2**63, -(2**70))))
written = st.sampled_from(
    (
        *(
            "100.0",
            "1e3",
            "1E+2",
            "1.5",
            "1e15",
            "1e16",
            "0.1e16",
            "-0.0",
            "1e-1",
            "10e-1",
            "1e400",
        ),
        *(
            "1000000000000000.0",
            "1000000000000000.5",
            "100.00000000000000000001",
            "253402300799999.0",
        ),
        *("1e999999999999999999", "-1e0", "0e0", "1" + "0" * 400),
    )
)


numerals = written.map(lambda text: {"written": text})
addresses_sent = st.one_of(
    st.ip_addresses().map(str),
    st.sampled_from(
        (
            *(
                "::ffff:1.2.3.4",
                "2001:DB8::1",
                "fe80::1%eth0",
                "fe80::1%",
                "fe80::1%\0",
                "::",
                "1.2.3",
            ),
            *(
                "1.2.3.04",
                "999.1.1.1",
                "10.0.0.1\n",
                "1:2",
                "",
                "0:0:0:0:0:ffff:255.255.255.255",
                "１.2.3.4",
            ),
        )
    ),
)
degrees = st.one_of(
    st.floats(-180, 180), st.integers(-181, 181), st.none(), st.just("1"), numerals, st.just(True)
)
places: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.just({"lat": None, "lon": None}),
    st.just({}),
    st.fixed_dictionaries({"lat": st.floats(-90, 90), "lon": st.integers(-180, 180)}),
    st.fixed_dictionaries({}, optional={"lat": degrees, "lon": degrees}),
)
ids = dict.fromkeys(
    ("event_id", "user_id", "merchant_id", "device_id", "card_token", "source"),
    mostly(plain_ids, identifiers),
)
attributes = st.dictionaries(
    st.one_of(plain_ids, identifiers, st.sampled_from(("attributes", "a:b", 'x"y'))),
    st.recursive(
        st.one_of(
            st.none(),
            st.booleans(),
            st.integers(),
            st.sampled_from((10**30, -(2**63), 2**63, 4_111_111_111_111_111)),
            st.floats(allow_nan=False, allow_infinity=False),
            identifiers,
            numerals,
        ),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(plain_ids, inner, max_size=3),
        max_leaves=6,
    ),
    max_size=4,
).map(lambda found: {name: value for name, value in found.items() if name not in FIELDS})
# What is left out, and what is null.
lacking = mostly(
    st.just(((), ())),
    st.tuples(
        st.lists(st.sampled_from((*OPTIONAL, "schema_version", "amount"))),
        st.lists(st.sampled_from((*OPTIONAL, "schema_version", "amount")), max_size=2),
    ),
)


def without(fields: dict[str, Any], lacking: tuple[Sequence[str], Sequence[str]]) -> dict[str, Any]:
    gone, null = lacking
    return {n: None if n in null else v for n, v in fields.items() if n not in gone}


sent = st.builds(
    lambda fields, place, rest: fields | place | rest,
    st.fixed_dictionaries(
        {
            "schema_version": mostly(st.just(1), st.sampled_from((2, "1", True, None)) | numerals),
            "event_time": mostly(st.integers(0, 253_402_300_799_999), ints | numerals),
            "amount": mostly(st.integers(0, 10**15), ints | numerals),
            "currency": mostly(text(string.ascii_uppercase, 3), codes),
            "merchant_category": mostly(text(string.digits, 4), codes),
            "channel": mostly(st.sampled_from(("web", "app", "pos", "atm")), identifiers),
            "country": mostly(text(string.ascii_uppercase, 2), codes),
            "ip": mostly(st.ip_addresses().map(str), addresses_sent),
            **ids,
        }
    ),
    places,
    mostly(st.just({}), attributes),
).flatmap(lambda fields: lacking.map(lambda gone: without(fields, gone)))


def spelt(fields: dict[str, Any], ascii_only: bool) -> str:
    """As JSON, numbers that were written in a way of their own as they were."""
    plain = json.dumps(fields, ensure_ascii=ascii_only)
    return re.sub(r'\{"written": "([^"]*)"\}', r"\1", plain)


def read(value: str) -> Any:
    """Numbers exactly: a validator of floats would take 1.00000000000000000001 for whole."""
    return json.loads(value, parse_float=Decimal)


def is_valid(value: Any) -> bool:
    return not any(True for _ in EXACT.iter_errors(value))


def is_whole(_: Any, value: Any) -> bool:
    if isinstance(value, Decimal):
        return value.adjusted() < 400 and value == value.to_integral_value()
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(_: Any, value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


EXACT = validators.extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine_many(
        {"integer": is_whole, "number": is_number}
    ),
)(SCHEMAS["transaction"], format_checker=FormatChecker())


def taken(value: str, key: str) -> Transaction | Rejected:
    try:
        return decode(value.encode("utf-8", "surrogatepass"), key.encode("utf-8", "surrogatepass"))
    except Rejected as error:
        return error


def has_no_words_for(error: Rejected) -> bool:
    """What JSON Schema can't say, as docs/reference/payments.md has it."""
    told = (": not in Unicode's composed form", ": has a card number in it", ": stands twice")
    return error.reason == "invalid_field" and any(part in error.message for part in told)


@settings(max_examples=1_000, deadline=None)
@given(sent, st.booleans())
def test_what_is_accepted_is_valid_and_what_is_valid_is_accepted(
    fields: dict[str, Any], ascii_only: bool
) -> None:
    value = spelt(fields, ascii_only)
    valid = is_valid(read(value))
    user = fields["user_id"]
    found = taken(value, user)
    if isinstance(found, Rejected):
        assert not valid or has_no_words_for(found), found.message
        return
    assert valid
    assert invalid("transaction", encode(found)) == []
    assert decode(encode(found), user.encode()) == found


def test_the_schema_and_the_code_name_the_same_characters() -> None:
    pattern = SCHEMAS["transaction"]["$defs"]["identifier"]["not"]["pattern"]
    assert pattern == rf"^ | $|\*{{8}}|[{FORBIDDEN}]"


WRONG: dict[str, Any] = {
    "schema_version": 2,
    "event_id": "",
    "user_id": "u" * 129,
    "event_time": -1,
    "amount": 1.5,
    "currency": "eur",
    "merchant_id": "m\u0007",
    "merchant_category": "54 1",
    "channel": "phone",
    "country": "DEU",
    "ip": "10.0.0.256",
    "device_id": "",
    "card_token": "4111 1111 1111 1111",
    "source": 7,
    "lat": 91,
    "lon": 13.4,
}


@pytest.mark.parametrize("field", WRONG)
def test_what_is_wrong_is_neither_accepted_nor_valid(field: str) -> None:
    fields = json.loads(encode(transaction(1))) | {field: WRONG[field]}
    with pytest.raises(Rejected, match=field):
        decode(json.dumps(fields).encode(), b"u1")
    assert invalid("transaction", json.dumps(fields))


@pytest.mark.parametrize("field", SCHEMAS["transaction"]["required"])
def test_what_is_missing_is_neither_accepted_nor_valid(field: str) -> None:
    fields = json.loads(encode(transaction(1)))
    del fields[field]
    with pytest.raises(Rejected, match=field):
        decode(json.dumps(fields).encode(), b"u1")
    assert invalid("transaction", json.dumps(fields))


@settings(max_examples=30, deadline=None)
@given(records())
def test_what_the_scoring_job_writes_is_valid(raws: list[Raw]) -> None:
    stores: dict[str, MemoryStore] = {}
    fused = Fused(lambda name: stores.setdefault(name, MemoryStore()), reading((0, 1)))
    result = fused.on_batch(raws)
    said = WRITER.decisions(result.scorables, START)
    scores, alerts = said.scores, said.alerts
    for name, lines in (("score", scores), ("alert", alerts), ("late", WRITER.late(result.late))):
        for line in lines:
            assert invalid(name, line.split(JSON_KEY, 1)[1]) == []


def test_each_message_has_an_example_that_is_valid() -> None:
    times = [START + 1_000 * number for number in range(30)] + [START - 60_000]
    raws = [
        raw(transaction(n, event_time=time, amount=100, merchant_id=f"m{n}"), offset=n)
        for n, time in enumerate(times)
    ]
    fused = Fused(lambda _: MemoryStore(), reading())
    result = fused.on_batch(raws)
    said = WRITER.decisions(result.scorables, START)
    scores, alerts = said.scores, said.alerts
    late = WRITER.late(result.late)
    assert (len(scores), len(late)) == (31, 1)
    assert alerts
    for name, lines in (("score", scores), ("alert", alerts), ("late", late)):
        for line in lines:
            assert invalid(name, line.split(JSON_KEY, 1)[1]) == []
    for label in (
        Label(1, "e1", "u1", START, False, None),
        Label(1, "e2", "u1", START, True, "card_testing"),
    ):
        assert invalid("label", msgspec.json.encode(label)) == []
