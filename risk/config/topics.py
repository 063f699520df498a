"""The topics' section."""

from __future__ import annotations

from risk.config.section import Section


class Topics(Section, frozen=True):
    """The names of the topics."""

    transactions: str = "risk.transactions"
    scores: str = "risk.scores"
    alerts: str = "risk.alerts"
    late: str = "risk.late"
    dlq: str = "risk.dlq"
    labels: str = "risk.labels"
