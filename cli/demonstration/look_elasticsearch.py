"""Which events Elasticsearch shows, by their id: a search finds them with its next refresh."""

from __future__ import annotations

from collections.abc import Sequence

from cli.demonstration.probe import Look
from cli.demonstration.tally import Identity
from risk.settings import Settings
from sinks.elasticsearch.client import connect
from sinks.elasticsearch.document import index

PAUSE_S = 0.025


def look(settings: Settings, ruleset: tuple[str, int]) -> Look:
    """A client to ask by."""
    client = connect(settings)
    prefix = settings.elasticsearch.index_prefix
    suffix = f":{ruleset[0]}:{ruleset[1]}"

    def ask(events: Sequence[Identity]) -> set[str]:
        documents = [
            {"_index": index(prefix, event.event_time), "_id": event.event_id + suffix}
            for event in events
        ]
        answer = client.mget(docs=documents, source=False)
        return {doc["_id"].removesuffix(suffix) for doc in answer["docs"] if doc.get("found")}

    return ask
