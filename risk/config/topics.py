"""The topics' section."""

from __future__ import annotations

from risk.config.section import Section
from risk.config.types import Topic


class Topics(Section, frozen=True):
    """The names of the topics."""

    transactions: Topic = "risk.transactions"
    scores: Topic = "risk.scores"
    alerts: Topic = "risk.alerts"
    late: Topic = "risk.late"
    dlq: Topic = "risk.dlq"
    labels: Topic = "risk.labels"
    feedback: Topic = "risk.feedback"
    control: Topic = "risk.control"
