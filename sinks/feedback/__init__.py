"""Feedback in Postgres: the history of what was said of payments, and what counts of it."""

from __future__ import annotations

from risk.config.settings import Settings
from risk.engine.delivery import Writer
from risk.engine.feedback import Logged
from sinks.feedback.erase import count, erase
from sinks.feedback.read import history, payments, recall, waiting
from sinks.feedback.writer import FeedbackWriter, wipe
from sinks.postgres.erased import add_erased, erased

__all__ = ["add_erased", "count", "create", "erase", "erased", "history", "payments", "recall"]
__all__ += ["waiting", "wipe"]


def create(settings: Settings) -> Writer[Logged]:
    """Its writer."""
    return FeedbackWriter(settings)
