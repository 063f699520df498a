"""Empties Elasticsearch of the scores."""

from __future__ import annotations

from elasticsearch import ApiError

from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from sinks.elasticsearch.client import PASSING, connect
from sinks.elasticsearch.mapping import months


def wipe(settings: Settings) -> None:
    """Delete the index of each month; the template stays. Raises `Unavailable`."""
    prefix = settings.elasticsearch.index_prefix
    try:
        with connect(settings) as client:
            # By name: a pattern could take more than the months, and clusters mostly forbid it.
            for name in client.indices.get_settings(index=f"{prefix}-*"):
                if months(prefix).fullmatch(name):
                    client.indices.delete(index=name, ignore_unavailable=True)
    except (ApiError, *PASSING) as error:
        raise Unavailable(f"elasticsearch: {error}") from error
