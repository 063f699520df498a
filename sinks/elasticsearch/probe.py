"""Which payments Elasticsearch has a document of.

Who asks for a document by its id sees it at once, a search with the next refresh.
"""

from __future__ import annotations

from collections.abc import Sequence

from risk.config.settings import Settings
from risk.engine.payment.identity import payment_key
from sinks.elasticsearch.client import connect
from sinks.elasticsearch.document import id_of, index
from sinks.store import Ask, Payment, Tag


def probe(settings: Settings, ruleset: Tag, realtime: bool = True) -> Ask:
    """A client to ask by."""
    client = connect(settings)
    prefix = settings.elasticsearch.index_prefix

    def ask(payments: Sequence[Payment]) -> set[Payment]:
        docs = [
            {
                "_index": index(prefix, event_time),
                "_id": id_of(payment_key(user_id, event_id, event_time), *ruleset),
                "_source": False,
            }
            for event_id, user_id, event_time in payments
        ]
        answer = client.mget(docs=docs, realtime=realtime)["docs"]
        pairs = zip(payments, answer, strict=True)
        return {payment for payment, doc in pairs if doc.get("found")}

    return ask


def probe_search(settings: Settings, ruleset: Tag) -> Ask:
    """The same, of what a search finds."""
    return probe(settings, ruleset, realtime=False)
