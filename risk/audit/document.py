"""A hit of a search in one line."""

from __future__ import annotations

from typing import Any

from sinks.elasticsearch.event import scored, transaction
from sinks.elasticsearch.search import Hit


def row(hit: Hit) -> dict[str, Any]:
    """A hit's score, and the transaction that it is of."""
    found = scored(hit.source)
    return {
        "event_id": hit.source["event"]["id"],
        **{name: getattr(found, name) for name in found.__struct_fields__ if name != "stored"},
        "transaction": transaction(hit.source),
    }
