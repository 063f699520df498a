"""What a key may see, how pages go on, and that the description is of what there is."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from risk.config.privacy import Privacy
from risk.console.api.alerts import filters, read_cursor, write_cursor
from risk.console.api.asked import query, words
from risk.console.api.masking import masked, present
from risk.console.api.openapi import described, document, statuses
from risk.console.api.payments import location, waited
from risk.console.api.problem import KINDS, Problem, field_of
from risk.console.api.shapes import SHAPES
from risk.console.api.table import CALLS
from risk.engine.privacy import of_api
from risk.registry.api_keys import SCOPES
from sinks.postgres.alerts import Place

PAYMENT = {
    "transaction": {
        "amount": 5,
        "ip": "198.51.100.7",
        "device_id": "phone-of-anna",
        "lat": 52.5234,
        "lon": 13.4114,
        "attributes": {"phone": "+49 30 1234"},
        "undeclared": {"anything": 1},
    },
    "scores": [{"reasons": [{"text": "5 from 198.51.100.7 by phone-of-anna, +49 30 1234"}]}],
    "feedback": [{"note": "phone-of-anna was stolen"}],
}


def test_a_key_without_the_scope_sees_neither_whom_nor_where() -> None:
    found = masked(PAYMENT, sensitive=False)
    assert found["transaction"] == {
        "amount": 5,
        "ip": "198.51.100.0/24",
        "device_id": "****anna",
        "lat": 52.5,
        "lon": 13.4,
        "attributes": None,
        "undeclared": None,
    }
    assert found["scores"][0]["reasons"][0]["text"] == "5 from 198.51.100.0/24 by ****anna, ****"
    assert found["feedback"][0]["note"] == "****anna was stolen"
    for hidden in ("198.51.100.7", "phone-of", "1234", "anything"):
        assert hidden not in json.dumps(found)
    assert masked(PAYMENT, sensitive=True) == PAYMENT
    empty: dict[str, object] = {"transaction": None, "scores": [], "feedback": []}
    assert masked(empty, sensitive=False) == empty


def test_what_is_masked_is_named() -> None:
    hidden = ("ip", "device_id", "lat", "lon", "attributes", "undeclared")
    assert present(PAYMENT["transaction"]) == hidden  # type: ignore[arg-type]
    assert present({"amount": 5, "ip": None, "attributes": None}) == ()
    clear = of_api(Privacy(api_ip="clear", api_place="clear", api_attributes="clear"))
    assert present(PAYMENT["transaction"], clear) == ("device_id",)  # type: ignore[arg-type]


IDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)


@given(IDS, IDS)
def test_a_location_leads_to_its_payment(user: str, event: str) -> None:
    assert words(location(user, event).encode()[1:]) == ["v1", "payments", user, event]


@given(st.builds(Place, st.integers(0, 2**53), IDS, IDS, IDS, st.integers(1, 10**6)))
def test_a_cursor_is_read_as_it_was_written(place: Place) -> None:
    wanted = filters({"decision": "BLOCK"})
    cursor = write_cursor(place, wanted)
    assert query(f"cursor={cursor}".encode(), {"cursor": None}) == {"cursor": cursor}
    assert read_cursor(cursor, wanted) == place
    with pytest.raises(Problem, match="same filters"):
        read_cursor(cursor, filters({"decision": "REVIEW"}))


@given(st.text(max_size=80))
def test_another_text_is_no_cursor(text: str) -> None:
    with pytest.raises(Problem) as caught:
        read_cursor(text, filters({}))
    assert caught.value.status == 400


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ("amount: Expected `int`, got `str`", "amount"),
        ("Object missing required field `user_id`", "user_id"),
        ("lat, lon: one without the other", "lat"),
        ("half of a surrogate pair in a field: leave it out", None),
        ("not JSON: trailing characters", None),
        ("zone: expected a whole number (int), found a text (str): ruleset x declares it", "zone"),
    ],
)
def test_the_field_of_a_message(message: str, field: str | None) -> None:
    assert field_of(message) == field


def test_waits() -> None:
    assert [waited(text, 10_000) for text in (None, "0ms", "200ms", "2s")] == [0, 0, 0.2, 2]


def test_the_description_is_valid_and_whole() -> None:
    found = json.loads(document())
    assert found == described()
    assert found["openapi"] == "3.1.0"
    assert {(path, method) for path, one in found["paths"].items() for method in one} == {
        (call.path, call.method.lower()) for call in CALLS
    }
    ids = [one["operationId"] for path in found["paths"].values() for one in path.values()]
    assert len(set(ids)) == len(ids)
    schemas = found["components"]["schemas"]
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    named = set(_references(found["paths"])) | set(_references(SHAPES))
    assert {name.removeprefix("#/components/schemas/") for name in named} <= set(schemas)
    assert {call.scope for call in CALLS} - {None} == set(SCOPES) - {"sensitive:read"}
    for call in CALLS:
        own = found["paths"][call.path][call.method.lower()]
        assert {int(status) for status in own["responses"]} == statuses(call)
        assert set(call.problems) <= set(KINDS)


def _references(node: object) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [name for value in node.values() for name in _references(value)]
    return [name for one in node for name in _references(one)] if isinstance(node, list) else []
