"""Feedback in Postgres: the history of what was said of payments, and what counts of it."""

from __future__ import annotations

from risk.config.settings import Settings
from risk.engine.delivery import Writer
from risk.engine.feedback import Logged
from sinks.feedback.read import history, payments, recall, waiting
from sinks.feedback.writer import FeedbackWriter, wipe

__all__ = ["create", "history", "payments", "recall", "waiting", "wipe"]


def create(settings: Settings) -> Writer[Logged]:
    """Its writer."""
    return FeedbackWriter(settings)
