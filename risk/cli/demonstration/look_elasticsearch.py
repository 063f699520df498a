"""Which events Elasticsearch shows, by their id: a search finds them with its next refresh."""

from __future__ import annotations

from collections.abc import Sequence

from risk.cli.demonstration.probe import Look
from risk.cli.demonstration.tally import Identity
from risk.config.settings import Settings
from risk.engine.payment.identity import payment_key
from sinks.elasticsearch.client import connect
from sinks.elasticsearch.document import id_of, index

PAUSE_S = 0.025


def key(event: Identity) -> str:
    """The event's payment key."""
    return payment_key(event.user_id, event.event_id, event.event_time)


def look(settings: Settings, ruleset: tuple[str, int]) -> Look:
    """A client to ask by."""
    client = connect(settings)
    prefix = settings.elasticsearch.index_prefix

    def ask(events: Sequence[Identity]) -> set[str]:
        documents = [
            {"_index": index(prefix, event.event_time), "_id": id_of(key(event), *ruleset)}
            for event in events
        ]
        answer = client.mget(docs=documents, source=False)["docs"]
        pairs = zip(events, answer, strict=True)
        return {event.event_id for event, doc in pairs if doc.get("found")}

    return ask
