"""What Elasticsearch holds of the payments under one event_id."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from risk.config.settings import Settings
from sinks.elasticsearch.search import search
from sinks.found import TRANSACTION, Archived, Found, Scored

MOST_SCORES: Final = 1_000


def find(settings: Settings, event_id: str, user_id: str | None = None) -> Found:
    """The scores under all rulesets, with their transactions: of every user, or of one alone.

    Raises `Unavailable`.
    """
    terms = [{"term": {"event.id": event_id}}]
    if user_id is not None:
        terms.append({"term": {"user.id": user_id}})
    _, hits = search(settings, {"bool": {"filter": terms}}, MOST_SCORES)
    found = Found([f"{hit.where}/{hit.id}" for hit in hits])
    for hit in hits:
        one = scored(hit.source)
        found.scores.append(one)
        payment = transaction(hit.source)
        found.archived.append(Archived(one.user_id, one.event_time, payment))
    return found


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
        since=risk.get("since", {}),
    )


def transaction(source: dict[str, Any]) -> dict[str, Any]:
    """The transaction in a document, flat; what it doesn't have is None."""
    where = source["source"]
    place = where["geo"].get("location") or {}
    risk = source["risk"]
    known = {
        **risk["transaction"],
        "user_id": source["user"]["id"],
        "event_time": _ms(source["@timestamp"]),
        "country": where["geo"].get("country_iso_code"),
        "ip": where.get("ip"),
        "device_id": source.get("device", {}).get("id"),
        "source": source["event"].get("provider"),
        "lat": place.get("lat"),
        "lon": place.get("lon"),
        "attributes": risk.get("attributes"),
        "undeclared": risk.get("undeclared"),
    }
    return {name: known.get(name) for name in TRANSACTION}


def _ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)
