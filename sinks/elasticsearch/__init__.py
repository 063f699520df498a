"""Elasticsearch: every score under every ruleset, for search and dashboards."""

from __future__ import annotations

from risk.config.settings import Settings
from risk.engine.delivery import Sink
from sinks.elasticsearch.read import scan
from sinks.elasticsearch.writer import ElasticsearchSink

__all__ = ["create", "scan"]


def create(settings: Settings) -> Sink:
    """Elasticsearch's writer. It takes the scores of all rulesets, live or not."""
    return ElasticsearchSink(settings)
