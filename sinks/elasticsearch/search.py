"""Searches the documents of all months."""

from __future__ import annotations

from typing import Any, NamedTuple

from elasticsearch import ApiError

from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from sinks.elasticsearch.client import PASSING, connect


class Hit(NamedTuple):
    """A document that was found. `where` is its index."""

    where: str
    id: str
    source: dict[str, Any]


def search(settings: Settings, query: dict[str, Any], size: int) -> tuple[int, list[Hit]]:
    """How many documents match, and up to `size` of them, the latest event first.

    What was written less than a second ago may not be found yet. Raises `Unavailable`.
    """
    try:
        with connect(settings) as client:
            answer = client.search(
                index=f"{settings.elasticsearch.index_prefix}-*",
                query=query,
                sort=[
                    *({"@timestamp": "desc"}, {"event.id": "asc"}, {"user.id": "asc"}),
                    {"rule.ruleset": "asc"},
                ],
                size=size,
                track_total_hits=True,
            )
    except (ApiError, *PASSING) as error:
        raise Unavailable(f"elasticsearch: {error}") from error
    found = answer["hits"]
    hits = [Hit(hit["_index"], hit["_id"], hit["_source"]) for hit in found["hits"]]
    return found["total"]["value"], hits
