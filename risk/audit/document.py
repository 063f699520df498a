"""A scored event as it is in an Elasticsearch document."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from sinks.elasticsearch.search import Hit

TRANSACTION = (
    *(
        "user_id",
        "event_time",
        "amount",
        "currency",
        "merchant_id",
        "merchant_category",
        "channel",
        "country",
        "ip",
    ),
    *("device_id", "card_token", "source", "lat", "lon"),
)


class Scored(msgspec.Struct):
    """A payment under one version of a ruleset, as the newest revision in the stores has it.

    Times are in ms UTC. `stored` is the revision in each store that has it.
    """

    ruleset: str
    ruleset_version: int
    kind: str
    late: bool
    revision: int
    score: int
    decision: str
    user_id: str
    event_time: int
    scored_at: int
    run_id: str
    fingerprint: str
    reasons: list[dict[str, Any]]
    features: dict[str, Any]
    stored: dict[str, int] = msgspec.field(default_factory=dict)


def scored(source: dict[str, Any]) -> Scored:
    """The score in a document."""
    risk = source["risk"]
    return Scored(
        ruleset=source["rule"]["ruleset"],
        ruleset_version=risk["ruleset_version"],
        kind=risk.get("kind", "live"),
        late=risk.get("late", False),
        revision=risk["revision"],
        score=risk["score"],
        decision=risk["decision"],
        user_id=source["user"]["id"],
        event_time=_ms(source["@timestamp"]),
        scored_at=_ms(source["event"]["created"]),
        run_id=risk["run_id"],
        fingerprint=risk["fingerprint"],
        reasons=risk["reasons"],
        features=risk["features"],
    )


def transaction(source: dict[str, Any]) -> dict[str, Any]:
    """The transaction in a document, flat."""
    where = source["source"]
    place = where["geo"].get("location") or {}
    known = {
        **source["risk"]["transaction"],
        "user_id": source["user"]["id"],
        "event_time": _ms(source["@timestamp"]),
        "country": where["geo"]["country_iso_code"],
        "ip": where["ip"],
        "device_id": source["device"]["id"],
        "source": source["event"]["provider"],
        "lat": place.get("lat"),
        "lon": place.get("lon"),
    }
    return {name: known[name] for name in TRANSACTION}


def _ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def row(hit: Hit) -> dict[str, Any]:
    """A hit of a search in one line."""
    found = scored(hit.source)
    return {
        "event_id": hit.source["event"]["id"],
        **{name: getattr(found, name) for name in found.__struct_fields__ if name != "stored"},
        "transaction": transaction(hit.source),
    }
