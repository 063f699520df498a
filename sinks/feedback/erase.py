"""Removes what was said of a user's payments."""

from __future__ import annotations

from risk.config.settings import Settings
from sinks.postgres.erase import counted

TABLES = ("risk_feedback",)


def count(settings: Settings, user_id: str, upto: int) -> dict[str, int]:
    """How much was said of a user's payments, up to an event time in ms UTC.

    Raises `Unavailable`.
    """
    return counted(settings, "count_user_feedback", TABLES, user_id, upto)


def erase(settings: Settings, user_id: str, upto: int) -> dict[str, int]:
    """Delete it; how much there was. Raises `Unavailable`."""
    return counted(settings, "erase_user_feedback", TABLES, user_id, upto)
