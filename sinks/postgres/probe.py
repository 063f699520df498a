"""Which payments Postgres has a score of."""

from __future__ import annotations

from collections.abc import Sequence

from risk.config.settings import Settings
from sinks.postgres.connect import connect
from sinks.sql import statement
from sinks.store import Ask, Payment, Tag


def probe(settings: Settings, ruleset: Tag) -> Ask:
    """A connection to ask by. Raises `Unavailable`."""
    connection = connect(settings)

    def ask(payments: Sequence[Payment]) -> set[Payment]:
        ids = [event_id for event_id, _, _ in payments]
        rows = connection.execute(statement("probe_scores"), (ids, *ruleset))
        there = {(row[0], row[1], row[2]) for row in rows}
        return there.intersection(payments)

    return ask
