"""A score's document: its names are the schema's, and all of them are mapped."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from risk.engine.features.catalogue import TYPES
from risk.engine.payment.identity import payment_key
from sinks.elasticsearch.bulk import item, outcome
from sinks.elasticsearch.document import document, index, same, stored
from sinks.elasticsearch.mapping import template
from tests.contract.messages import NOON, OTHER, score

FLAGGED = score("e1", points=80, revision=1, user_id="u-9", event_time=NOON + 7)


def leaves(tree: dict[str, Any], path: str = "") -> Iterator[str]:
    for name, value in tree.items():
        where = f"{path}.{name}" if path else name
        if isinstance(value, dict) and name != "location":
            yield from leaves(value, where)
        else:
            yield where


def mapped(properties: dict[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    for name, value in properties.items():
        where = f"{path}.{name}" if path else name
        if "type" in value and isinstance(value["type"], str):
            yield where, value["type"]
        else:
            yield from mapped(value["properties"], where)


MAPPED = dict(mapped(template()["template"]["mappings"]["properties"]))


def test_the_names_are_the_common_schemas() -> None:
    found = document(FLAGGED)
    assert found["@timestamp"] == "2025-03-01T12:00:00.007Z"
    assert found["event"] == {
        "id": "e1",
        "kind": "alert",
        "category": ["threat"],
        "type": ["info"],
        "module": "risk",
        "dataset": "risk.scores",
        "provider": "bank-a",
        "action": "block",
        "risk_score": 80,
        "created": "2025-03-01T12:00:00.027Z",
    }
    assert found["user"] == {"id": "u-9"}
    assert found["source"] == {
        "ip": "192.0.2.7",
        "geo": {"country_iso_code": "DE", "location": {"lat": 52.52, "lon": 13.405}},
    }
    assert found["rule"] == {"name": ["velocity_burst"], "ruleset": "default", "version": "1"}


def test_an_allowed_event_is_no_alert() -> None:
    event = document(score("e1"))["event"]
    assert event["kind"] == "event"
    assert "category" not in event


def test_without_a_place_there_is_no_location() -> None:
    found = document(score("e1", lat=None, lon=None))
    assert found["source"]["geo"] == {"country_iso_code": "DE"}


def test_every_field_is_mapped_and_every_mapped_field_written() -> None:
    inside_reasons = {name for name in MAPPED if name.startswith("risk.reasons.")}
    of_some = {"risk.attributes", "risk.undeclared", "risk.since"}
    assert set(leaves(document(FLAGGED))) == set(MAPPED) - inside_reasons - of_some


def test_what_lacks_history_is_said_only_where_something_does() -> None:
    assert "since" not in document(FLAGGED)["risk"]
    since = {"user_history_count": NOON}
    assert document(msgspec.structs.replace(FLAGGED, since=since))["risk"]["since"] == since


def test_every_feature_is_mapped_as_its_type() -> None:
    types = {"int": "long", "float": "double", "bool": "boolean"}
    prefix = "risk.features."
    assert {
        name.removeprefix(prefix): kind for name, kind in MAPPED.items() if name.startswith(prefix)
    } == {name: types[kind] for name, kind in TYPES.items()}


@pytest.mark.parametrize(
    ("overwrite", "version_type"), [(False, "external"), (True, "external_gte")]
)
def test_the_action_names_the_month_the_key_and_the_revision(
    overwrite: bool, version_type: str
) -> None:
    one = item(0, "p", score("e1", revision=1, ruleset=OTHER))._replace(overwrite=overwrite)
    assert json.loads(one.action) == {
        "index": {
            "_index": "p-2025.03",
            "_id": f"{payment_key('u-1', 'e1', NOON)}:strict:3",
            "version": 3 * 32_768 + 1,
            "version_type": version_type,
        }
    }


def test_who_says_it_and_when_makes_no_other_document() -> None:
    one = score("e1", points=50)
    again = msgspec.structs.replace(one, run_id="other", scored_at=NOON + 999, kind="replay")
    assert same(document(one), document(again))
    assert not same(document(one), document(score("e1", points=60)))


@pytest.mark.parametrize(
    ("time", "month"), [(0, "1970.01"), (NOON, "2025.03"), (1_743_465_599_999, "2025.03")]
)
def test_the_index_is_the_month_in_utc(time: int, month: str) -> None:
    assert index("p", time) == f"p-{month}"


@pytest.mark.parametrize("ms", [0, 1, 7, 999])
def test_it_reads_back_what_was_written(ms: int) -> None:
    written = score("e1", points=80, revision=1, event_time=NOON + ms)
    back = stored(json.loads(item(0, "p", written).source))
    assert back.event_time == NOON + ms
    assert (back.event_id, back.user_id, back.revision) == ("e1", "u-1", 1)
    assert (back.score, back.decision) == (80, "BLOCK")
    assert back.reasons == (("velocity_burst", 2, 80),)
    assert back.fingerprint == written.fingerprint


@pytest.mark.parametrize(
    ("status", "kind", "expected"),
    [
        (200, "", "written"),
        (201, "", "written"),
        (409, "version_conflict_engine_exception", "there"),
        (429, "es_rejected_execution_exception", "busy"),
        (503, "unavailable_shards_exception", "busy"),
        (400, "document_parsing_exception", "refused"),
        (400, "validation_exception", "away"),  # for example, no more shards allowed
        (400, "index_closed_exception", "away"),
        (403, "cluster_block_exception", "away"),
        (500, "anything", "doubtful"),
    ],
)
def test_what_an_items_answer_means(status: int, kind: str, expected: str) -> None:
    answer: dict[str, Any] = {"status": status}
    if kind:
        answer["error"] = {"type": kind, "reason": "because"}
    assert outcome(answer).kind == expected
