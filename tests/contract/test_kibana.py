"""What Kibana will ask of Elasticsearch, asked of a real one that the real writer has filled."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

import sinks.elasticsearch as store
from risk.config.settings import Settings
from sinks.elasticsearch.client import connect
from tests.contract.messages import NOON, OTHER, score
from tests.kibana import (
    Saved,
    control_requests,
    lens_request,
    map_requests,
    saved_objects,
    search_request,
)

pytestmark = pytest.mark.stack
replace = msgspec.structs.replace
HOUR = 3_600_000
OBJECTS = {one["id"]: one for one in saved_objects()}
EVENTS = 300
CITIES = ((52.5, 13.4), (48.9, 2.4), (40.7, -74.0))


@pytest.fixture(scope="module")
def filled(elasticsearch: Settings) -> Iterator[Settings]:
    """Three hundred events of all decisions over four days, a third scored by two rulesets."""
    prefix = f"kibana-{time.time_ns():x}"
    section = replace(elasticsearch.elasticsearch, index_prefix=prefix)
    settings = replace(elasticsearch, elasticsearch=section)
    batch = []
    for n in range(EVENTS):
        lat, lon = CITIES[n % 3]
        where: dict[str, Any] = {"lat": lat, "lon": lon} if n % 10 else {"lat": None, "lon": None}
        event: dict[str, Any] = {
            "points": n % 101,
            "user_id": f"u-{n % 20}",
            "event_time": NOON + n * HOUR // 3,
            "ip": f"192.0.2.{n % 30}",
            **where,
        }
        batch.append(score(f"e-{n}", **event))
        if n % 3 == 0:
            batch.append(score(f"e-{n}", ruleset=OTHER, kind="shadow", **event))
    sink = store.create(settings)
    sink.open()
    assert sink.write(batch).rows == len(batch)
    sink.close()
    with connect(settings) as client:
        client.indices.refresh(index=f"{prefix}-*")
    yield settings
    with connect(settings) as client:
        for name in client.indices.get_settings(index=f"{prefix}-*"):
            client.indices.delete(index=name)
        client.indices.delete_index_template(name=prefix)


def ask(settings: Settings, request: Saved, size: int = 0) -> Any:
    with connect(settings) as client:
        index = f"{settings.elasticsearch.index_prefix}-*"
        return client.search(index=index, size=size, track_total_hits=True, **request)


def buckets(settings: Settings, request: Saved) -> list[Any]:
    """The outermost buckets."""
    (name,) = request["aggs"]
    found: list[Any] = ask(settings, request)["aggregations"][name]["buckets"]
    return found


@pytest.mark.parametrize(
    "name", sorted(name for name, one in OBJECTS.items() if one["type"] == "lens")
)
def test_every_visualization_has_buckets(filled: Settings, name: str) -> None:
    request = lens_request(OBJECTS[name])
    found = buckets(filled, request)
    assert found, request
    (outer,) = request["aggs"].values()
    for bucket in found:
        for metric, body in outer["aggs"].items():
            if "terms" in body:
                assert bucket[metric]["buckets"] or bucket["doc_count"] == 0
            else:
                assert bucket[metric]["value"] > 0


def test_decisions_over_time_are_all_of_them(filled: Settings) -> None:
    found = buckets(filled, lens_request(OBJECTS["risk-decisions"]))
    counts: dict[str, int] = {}
    for moment in found:
        for decision in moment["decision"]["buckets"]:
            counts[decision["key"]] = counts.get(decision["key"], 0) + decision["doc_count"]
    assert sorted(counts) == ["ALLOW", "BLOCK", "REVIEW"]
    assert sum(counts.values()) == EVENTS + EVENTS // 3


def test_the_top_users_are_those_with_most_points(filled: Settings) -> None:
    found = buckets(filled, lens_request(OBJECTS["risk-top-users"]))
    points = [bucket["points"]["value"] for bucket in found]
    assert len(found) == 10
    assert points == sorted(points, reverse=True)


def test_the_only_rule_is_the_top_rule(filled: Settings) -> None:
    (rule,) = buckets(filled, lens_request(OBJECTS["risk-top-rules"]))
    assert rule["key"] == "velocity_burst"
    assert rule["users"]["value"] == 20


def test_the_map_has_a_cell_for_each_city(filled: Settings) -> None:
    (request,) = map_requests(OBJECTS["risk-map"])
    found = buckets(filled, request)
    assert len(found) == len(CITIES)
    for cell in found:
        assert cell["doc_count"] > 10
        assert cell["max_of_risk.score"]["value"] >= 40


def test_the_audit_search_shows_its_columns(filled: Settings) -> None:
    request = search_request(OBJECTS["risk-audit"])
    answer = ask(filled, request, size=1_000)
    assert answer["hits"]["total"]["value"] == EVENTS + EVENTS // 3
    times = [hit["sort"] for hit in answer["hits"]["hits"]]
    assert times == sorted(times, reverse=True)
    flagged = next(hit for hit in answer["hits"]["hits"] if hit["fields"]["risk.score"][0] >= 70)
    assert set(flagged["fields"]) == set(request["fields"])


def test_the_controls_have_options_and_what_is_preset_counts_an_event_once(
    filled: Settings,
) -> None:
    requests = control_requests(OBJECTS["risk-dashboard"])
    for request in requests.values():
        assert buckets(filled, request)
    assert ask(filled, requests["kind"])["hits"]["total"]["value"] == EVENTS
