"""What only Elasticsearch's writer does: months, the mapping, many failures of many kinds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

import sinks.elasticsearch as store
import sinks.elasticsearch.writer as writer
from risk.config.settings import Settings
from risk.engine.delivery import Message, Sink, Unavailable, Written
from risk.engine.messages import Score
from sinks.elasticsearch.client import connect
from sinks.elasticsearch.mapping import template
from tests.contract.messages import ACTIVE, NOON, OTHER, late, many, score

pytestmark = pytest.mark.stack
MONTH = 31 * 86_400_000


@pytest.fixture
def where(elasticsearch: Settings) -> Iterator[Settings]:
    section = msgspec.structs.replace(elasticsearch.elasticsearch, index_prefix="only-scores")
    settings = msgspec.structs.replace(elasticsearch, elasticsearch=section)
    drop(settings)
    yield settings
    drop(settings)


@pytest.fixture
def sink(where: Settings) -> Iterator[Sink]:
    sink = store.create(where)
    sink.open()
    yield sink
    sink.close()


def drop(settings: Settings) -> None:
    """Delete the indices, each by its name: Elasticsearch wants no pattern there."""
    with connect(settings) as client:
        for name in client.indices.get_settings(index="only-scores-*"):
            client.indices.delete(index=name)


def found(settings: Settings, query: dict[str, Any]) -> list[str]:
    """The event ids that a query finds."""
    with connect(settings) as client:
        client.indices.refresh(index="only-scores-*")
        hits = client.search(index="only-scores-*", query=query, sort="event.id")["hits"]["hits"]
    return [hit["_source"]["event"]["id"] for hit in hits]


def test_nothing_there_yet_is_nothing(where: Settings, sink: Sink) -> None:
    assert list(store.scan(where, *ACTIVE)) == []


def test_an_index_a_month_with_the_templates_mapping(where: Settings, sink: Sink) -> None:
    sink.write([score("e1"), score("e2", event_time=NOON + MONTH)])
    with connect(where) as client:
        mappings = client.indices.get_mapping(index="only-scores-*")
    assert sorted(mappings) == ["only-scores-2025.03", "only-scores-2025.04"]
    for mapping in mappings.values():
        assert mapping["mappings"]["dynamic"] == "false"
        assert mapping["mappings"]["properties"]["source"]["properties"]["ip"] == {"type": "ip"}


def test_documents_are_found_by_their_fields(where: Settings, sink: Sink) -> None:
    sink.write(
        [
            score("e1", points=80, ip="198.51.100.9"),
            score("e2", ip="2001:db8::1", lat=48.85, lon=2.35),
            score("e3", points=45, ip="198.51.100.77", lat=None, lon=None),
        ]
    )
    near = {"distance": "50km", "source.geo.location": {"lat": 52.5, "lon": 13.4}}
    text = {"path": "risk.reasons", "query": {"match": {"risk.reasons.text": "80"}}}
    assert found(where, {"term": {"event.kind": "alert"}}) == ["e1", "e3"]
    assert found(where, {"term": {"source.ip": "198.51.100.0/24"}}) == ["e1", "e3"]
    assert found(where, {"geo_distance": near}) == ["e1"]
    assert found(where, {"nested": text}) == ["e1"]
    assert found(where, {"range": {"event.risk_score": {"gte": 45}}}) == ["e1", "e3"]
    assert found(where, {"term": {"risk.features.user_new_device": False}}) == [
        "e1",
        "e2",
        "e3",
    ]


def test_declared_features_are_found_whatever_they_meant_in_another_version(
    where: Settings, sink: Sink
) -> None:
    def declared(event_id: str, **own: float) -> Score:
        one = score(event_id)
        return msgspec.structs.replace(one, features={**one.features, **own})

    batch = [
        declared("e1", own_count=3, own_mean=2.5, own_flag=True),
        declared("e2", own_count=2.5, own_mean=3, own_flag=False),
        declared("e3", own_count=True, own_mean=False, own_flag=1),
        score("e4"),
    ]
    assert sink.write(batch) == Written(rows=4)
    own = "risk.features.own_"
    assert found(where, {"range": {f"{own}count": {"gt": 2}}}) == ["e1", "e2"]
    assert found(where, {"range": {f"{own}mean": {"gte": 3}}}) == ["e2"]
    assert found(where, {"term": {f"{own}flag": True}}) == ["e1"]
    assert len(list(store.scan(where, *ACTIVE))) == 4


def test_a_score_that_is_there_is_not_written_again(where: Settings, sink: Sink) -> None:
    def written() -> list[Any]:
        with connect(where) as client:
            hits = client.search(index="only-scores-*", seq_no_primary_term=True, version=True)
        return sorted((hit["_id"], hit["_seq_no"], hit["_version"]) for hit in hits["hits"]["hits"])

    batch = [score("e1", points=80), score("e2", revision=1), score("e3")]
    sink.write(batch)
    found(where, {"match_all": {}})
    before = written()
    # Neither a redelivered batch nor the same score from another run.
    again = [msgspec.structs.replace(s, run_id="run-2", scored_at=NOON + 999) for s in batch]
    assert sink.write(batch) == sink.write(again) == Written(rows=3)
    found(where, {"match_all": {}})
    assert written() == before
    changed = [score("e1", points=80), score("e3", points=50), score("e2"), score("e3", points=60)]
    assert sink.write(changed).refused == ()
    assert [(row.event_id, row.score, row.revision) for row in store.scan(where, *ACTIVE)] == [
        ("e1", 80, 0),
        ("e2", 0, 1),
        ("e3", 60, 0),
    ]


def test_late_messages_are_left_out(where: Settings, sink: Sink) -> None:
    assert sink.write([late("l1")]) == Written()
    assert sink.write([late("l1"), score("e1")]) == Written(rows=1)


def test_what_the_mapping_refuses_is_named(where: Settings, sink: Sink) -> None:
    bad = [score("e2", ip="nowhere"), score("e3", lat=100.0)]
    written = sink.write([late("l"), score("e1"), *bad, score("e4", ruleset=OTHER)])
    assert (written.rows, [refused.at for refused in written.refused]) == (2, [2, 3])
    assert "nowhere" in written.refused[0].reason


def test_one_message_that_spoils_the_request_is_refused_alone(where: Settings, sink: Sink) -> None:
    batch: list[Message] = [score(f"e{i}") for i in range(9)]
    # No _id may be so long, and the whole request is refused. Decoding lets none through.
    batch[4] = score("e4", ruleset=("x" * 600, 1))
    written = sink.write(batch)
    assert (written.rows, [refused.at for refused in written.refused]) == (8, [4])
    assert "too long" in written.refused[0].reason


def test_an_index_of_another_mapping_is_not_written(where: Settings, sink: Sink) -> None:
    """Its documents would be taken, and never be found."""
    april = score("a1", event_time=NOON + MONTH)
    with connect(where) as client:
        wrong = {"properties": {"risk": {"properties": {"score": {"type": "text"}}}}}
        client.indices.create(index="only-scores-2025.04", mappings=wrong)
        client.indices.create(index="only-scores-of-mine", mappings=wrong)  # nothing to us
        with pytest.raises(
            Unavailable, match=r"2025\.04 .*risk\.score is text, not integer: delete"
        ):
            sink.write([score("e1"), april])
        with pytest.raises(Unavailable, match="another mapping"):
            sink.open()
        client.indices.delete(index="only-scores-2025.04")
    sink.open()
    assert sink.write([score("e1"), april]) == Written(rows=2)
    assert len(list(store.scan(where, *ACTIVE))) == 2


def test_an_index_of_before_gets_the_new_fields(where: Settings, sink: Sink) -> None:
    mapping = template()["template"]["mappings"]
    del mapping["properties"]["risk"]["properties"]["late"]
    del mapping["dynamic_templates"], mapping["properties"]["risk"]["properties"]["features"]
    with connect(where) as client:
        client.indices.delete_index_template(name="only-scores")
        client.indices.create(index="only-scores-2025.03", mappings=mapping)
    own = score("e3")
    own = msgspec.structs.replace(own, features={**own.features, "own_count": 3})
    sink.write([score("e1"), score("e2", late=True), own])
    assert found(where, {"term": {"risk.late": True}}) == ["e2"]
    assert found(where, {"term": {"risk.features.own_count": 3}}) == ["e3"]


def test_a_template_that_is_gone_is_put_again(where: Settings, sink: Sink) -> None:
    with connect(where) as client:
        client.indices.delete_index_template(name="only-scores")
    sink.write([score("e1")])
    with connect(where) as client:
        mapping = client.indices.get_mapping(index="only-scores-2025.03")["only-scores-2025.03"]
    assert mapping["mappings"]["dynamic"] == "false"


def test_a_batch_larger_than_a_request_is_cut(
    where: Settings, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "MAX_REQUEST_BYTES", 10_000)
    assert sink.write(many(200)) == Written(rows=200)
    assert len(list(store.scan(where, *ACTIVE))) == 200


def test_an_index_that_takes_no_writes_is_unavailable(where: Settings, sink: Sink) -> None:
    sink.write([score("e1")])
    block = "index.blocks.write"
    with connect(where) as client:
        client.indices.put_settings(index="only-scores-2025.03", settings={block: True})
        with pytest.raises(Unavailable, match="blocked"):
            sink.write([score("e2")])
        client.indices.put_settings(index="only-scores-2025.03", settings={block: None})
    assert sink.write([score("e2")]) == Written(rows=1)


def test_a_full_disk_is_unavailable_and_takes_the_batch_later(
    where: Settings, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The flood stage's block answers 429 for each item, as a full queue does.
    monkeypatch.setattr(writer, "WAITS_S", (0.01,))
    sink.write([score("e1")])
    block = "index.blocks.read_only_allow_delete"
    april = [score("a1", event_time=NOON + MONTH), score("e2")]
    with connect(where) as client:
        client.indices.put_settings(index="only-scores-2025.03", settings={block: True})
        with pytest.raises(Unavailable, match="TOO_MANY_REQUESTS"):
            sink.write(april)
        client.indices.put_settings(index="only-scores-2025.03", settings={block: None})
    assert sink.write(april) == Written(rows=2)
    assert [row.event_id for row in store.scan(where, *ACTIVE)] == ["a1", "e1", "e2"]


def test_the_scan_pages_through_months(
    where: Settings, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sinks.elasticsearch.read._PAGE", 7)
    batch = [score(f"e{i:02}", event_time=NOON + (i % 3) * MONTH) for i in range(21)]
    sink.write(batch)
    assert [row.event_id for row in store.scan(where, *ACTIVE)] == [s.event_id for s in batch]
