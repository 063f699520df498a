"""Postgres: every score under every ruleset, the rules' hits, and the archive of transactions."""

from __future__ import annotations

from risk.config.settings import Settings
from risk.engine.delivery import Sink
from sinks.postgres.scan import scan
from sinks.postgres.writer import PostgresSink

__all__ = ["create", "scan"]


def create(settings: Settings) -> Sink:
    """Postgres's writer. It takes the scores of all rulesets, live or not."""
    return PostgresSink(settings)
