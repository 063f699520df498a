"""Elasticsearch: every score under every ruleset, for search and dashboards."""

from __future__ import annotations

from risk.delivery import Sink
from risk.settings import Settings
from sinks.elasticsearch.read import scan
from sinks.elasticsearch.writer import ElasticsearchSink

__all__ = ["create", "scan"]


def create(settings: Settings) -> Sink:
    """Elasticsearch's writer. It takes the scores of all rulesets, live or not."""
    return ElasticsearchSink(settings)
