"""Which events Postgres shows."""

from __future__ import annotations

from collections.abc import Sequence

from risk.cli.demonstration.probe import Look
from risk.cli.demonstration.tally import Identity
from risk.config.settings import Settings
from sinks.postgres.connect import connect

PAUSE_S = 0.01
QUERY = """
    SELECT event_id FROM risk_scores
    WHERE event_id = ANY(%s) AND ruleset = %s AND ruleset_version = %s"""


def look(settings: Settings, ruleset: tuple[str, int]) -> Look:
    """A connection to ask by."""
    connection = connect(settings)

    def ask(events: Sequence[Identity]) -> set[str]:
        rows = connection.execute(QUERY, ([event.event_id for event in events], *ruleset))
        return {row[0] for row in rows}

    return ask
