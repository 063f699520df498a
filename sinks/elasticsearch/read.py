"""Reads Elasticsearch back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from elasticsearch import ApiError

from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from sinks.elasticsearch.client import PASSING, connect
from sinks.elasticsearch.document import STORED_FIELDS, stored
from sinks.stored import Stored

_PAGE = 5_000
_KEEP = "1m"


def scan(settings: Settings, ruleset: str, version: int) -> Iterator[Stored]:
    """The stored scores of a ruleset's version, by their payments. Raises `Unavailable`."""
    try:
        yield from _scan(settings, ruleset, version)
    except (ApiError, *PASSING) as error:
        raise Unavailable(f"elasticsearch: {error}") from error


def _scan(settings: Settings, ruleset: str, version: int) -> Iterator[Stored]:
    indices = f"{settings.elasticsearch.index_prefix}-*"
    query = {
        "bool": {
            "filter": [
                {"term": {"rule.ruleset": ruleset}},
                {"term": {"risk.ruleset_version": version}},
            ]
        }
    }
    with connect(settings) as client:
        client.indices.refresh(index=indices)  # what was just written can't be searched before
        if not client.indices.exists(index=indices, allow_no_indices=False):
            return
        pit: str = client.open_point_in_time(index=indices, keep_alive=_KEEP)["id"]
        try:
            after: list[Any] | None = None
            while True:
                answer = client.search(
                    pit={"id": pit, "keep_alive": _KEEP},
                    query=query,
                    # Together unique under one ruleset's version.
                    sort=[{"event.id": "asc"}, {"user.id": "asc"}, {"@timestamp": "asc"}],
                    search_after=after,
                    size=_PAGE,
                    source_includes=list(STORED_FIELDS),
                    track_total_hits=False,
                )
                pit = answer["pit_id"]
                hits = answer["hits"]["hits"]
                for hit in hits:
                    yield stored(hit["_source"])
                if len(hits) < _PAGE:
                    return
                after = hits[-1]["sort"]
        finally:
            client.close_point_in_time(id=pit)
