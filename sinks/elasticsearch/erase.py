"""Removes a user's scores from Elasticsearch."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import elasticsearch
from elasticsearch import ApiError

from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from sinks.elasticsearch.client import PASSING, connect

_PAGE: Final = 2_000
_GONE: Final = (200, 404)


def count(settings: Settings, user_id: str, upto: int) -> dict[str, int]:
    """How many documents are a user's, up to an event time in ms UTC. Raises `Unavailable`."""
    indices = f"{settings.elasticsearch.index_prefix}-*"
    try:
        with connect(settings) as client:
            client.indices.refresh(index=indices)  # what was just written can't be searched before
            found = client.count(index=indices, query=_query(user_id, upto))
            return {"documents": int(found["count"])}
    except (ApiError, *PASSING) as error:
        raise Unavailable(f"elasticsearch: {error}") from error


def erase(settings: Settings, user_id: str, upto: int) -> dict[str, int]:
    """Delete them; how many there were. Raises `Unavailable`."""
    indices = f"{settings.elasticsearch.index_prefix}-*"
    gone = 0
    try:
        with connect(settings) as client:
            while True:
                client.indices.refresh(index=indices)
                query = _query(user_id, upto)
                answer = client.search(index=indices, query=query, size=_PAGE, source=False)
                hits = answer["hits"]["hits"]
                if not hits:
                    return {"documents": gone}
                gone += delete(client, ((hit["_index"], hit["_id"]) for hit in hits))
    except (ApiError, *PASSING) as error:
        raise Unavailable(f"elasticsearch: {error}") from error


def delete(client: elasticsearch.Elasticsearch, documents: Iterable[tuple[str, str]]) -> int:
    """Delete documents by index and id; how many of them there were.

    Raises `Unavailable` if one can't be deleted now, and the client's errors.
    """
    operations = [{"delete": {"_index": index, "_id": id_}} for index, id_ in documents]
    answer = client.bulk(operations=operations)
    results = [item["delete"] for item in answer["items"]]
    for result in results:
        if result["status"] not in _GONE:
            reason = result.get("error", {}).get("reason", result["status"])
            raise Unavailable(f"elasticsearch: {result['_id']} can't be deleted: {reason}")
    return sum(result["status"] == 200 for result in results)


def _query(user_id: str, upto: int) -> dict[str, Any]:
    moment = {"lte": upto, "format": "epoch_millis"}
    terms = [{"term": {"user.id": user_id}}, {"range": {"@timestamp": moment}}]
    return {"bool": {"filter": terms}}
