"""Which payments Redis has a score of."""

from __future__ import annotations

from collections.abc import Sequence

from risk.config.settings import Settings
from sinks.redis import keys
from sinks.redis.client import connect
from sinks.store import Ask, Payment, Tag


def probe(settings: Settings, ruleset: Tag) -> Ask:
    """A client to ask by. Redis holds the live ruleset alone, so it isn't asked which."""
    client = connect(settings)

    def ask(payments: Sequence[Payment]) -> set[Payment]:
        pipe = client.pipeline(transaction=False)
        for event_id, user_id, event_time in payments:
            pipe.exists(keys.score_key(user_id, event_id, event_time))
        answers = zip(payments, pipe.execute(), strict=True)
        return {payment for payment, there in answers if there}

    return ask
