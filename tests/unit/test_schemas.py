"""`schemas/` against what is really read and written."""

from __future__ import annotations

import json
import string
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from flink_jobs.lines import JSON_KEY
from flink_jobs.messages import Writer
from risk.event import Rejected, Transaction, decode, encode
from risk.features.catalogue import NAMES
from risk.messages import Alert, Label, Late, MaskedTransaction, Reason, Score
from risk.rules import load
from risk.stages.base import MemoryStore, Raw
from risk.stages.fused import Fused
from tests.unit.streams import START, raw, reading, records, transaction

ROOT = Path(__file__).parents[2]
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
    assert sorted(SCHEMAS) == ["alert", "label", "late", "score", "transaction"]


@pytest.mark.parametrize("name", SCHEMAS)
def test_each_is_a_strict_schema(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])
    for schema in objects(SCHEMAS[name]):
        assert schema["additionalProperties"] is False
        assert set(schema["required"]) <= set(schema["properties"])


MESSAGES = {
    "transaction": Transaction,
    "score": Score,
    "alert": Alert,
    "late": Late,
    "label": Label,
}


@pytest.mark.parametrize("name", MESSAGES)
def test_each_has_the_fields_of_its_message(name: str) -> None:
    assert tuple(SCHEMAS[name]["properties"]) == MESSAGES[name].__struct_fields__


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


identifiers = st.one_of(
    st.text(string.ascii_letters + string.digits + " -_äß語😀", min_size=1, max_size=128),
    st.text(min_size=1, max_size=128),
)
places: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.just({"lat": None, "lon": None}),
    st.just({}),
    st.fixed_dictionaries({"lat": st.floats(-90, 90), "lon": st.integers(-180, 180)}),
)
sent = st.builds(
    lambda fields, place: fields | place,
    st.fixed_dictionaries(
        {
            "schema_version": st.just(1),
            "event_time": st.integers(-1, 253_402_300_800_000),
            "amount": st.integers(0, 10**15),
            "currency": text(string.ascii_uppercase, 3),
            "merchant_category": text(string.digits, 4),
            "channel": st.sampled_from(("web", "app", "pos", "atm")),
            "country": text(string.ascii_uppercase, 2),
            "ip": st.one_of(st.ip_addresses(), st.just("::ffff:1.2.3.4")).map(str),
            **dict.fromkeys(
                ("event_id", "user_id", "merchant_id", "device_id", "card_token", "source"),
                identifiers,
            ),
        }
    ),
    places,
)


@settings(max_examples=300)
@given(sent)
def test_whatever_is_accepted_is_valid(fields: dict[str, Any]) -> None:
    value = json.dumps(fields)
    try:
        txn = decode(value.encode(), fields["user_id"].encode("utf-8", "replace"))
    except Rejected:
        return
    assert invalid("transaction", value) == []
    assert invalid("transaction", encode(txn)) == []


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
    "device_id": None,
    "card_token": "4111 1111 1111 1111",
    "source": 7,
    "lat": 91,
    "lon": 13.4,
    "note": "unknown",
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
    said = WRITER.verdicts(result.verdicts, START)
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
    said = WRITER.verdicts(result.verdicts, START)
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
