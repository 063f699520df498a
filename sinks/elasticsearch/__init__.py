"""Elasticsearch: every score under every ruleset, for search and dashboards."""

from __future__ import annotations

from risk.config.settings import Settings
from risk.engine.delivery import Sink
from sinks.elasticsearch.erase import count, erase
from sinks.elasticsearch.erased import add_erased, erased
from sinks.elasticsearch.event import find
from sinks.elasticsearch.place import apart, make, remove
from sinks.elasticsearch.probe import probe, probe_search
from sinks.elasticsearch.read import scan
from sinks.elasticsearch.retention import count_expired, expire, retention_limit
from sinks.elasticsearch.wipe import wipe
from sinks.elasticsearch.writer import ElasticsearchSink

__all__ = [
    "PROBE_PAUSE_S",
    "add_erased",
    "apart",
    "count",
    "create",
    "erase",
    "erased",
    "find",
    "make",
    "probe",
]
__all__ += ["count_expired", "expire", "probe_search", "remove", "retention_limit", "scan", "wipe"]

PROBE_PAUSE_S = 0.025


def create(settings: Settings) -> Sink:
    """Elasticsearch's writer. It takes the scores of all rulesets, live or not."""
    return ElasticsearchSink(settings)
