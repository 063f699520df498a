"""Removes the months that are past Elasticsearch's retention: an index is deleted whole."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import elasticsearch
from elasticsearch import ApiError

from risk.config.settings import Settings
from risk.config.types import DAY_MS
from risk.engine.delivery import Unavailable
from sinks.elasticsearch.client import PASSING, connect
from sinks.elasticsearch.mapping import months
from sinks.store import Expired

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def retention_limit(settings: Settings, now: int) -> int | None:
    """The event time, ms UTC, that what is to be removed is before: a month's beginning.

    None: all is kept.
    """
    days = settings.elasticsearch.retention_days
    if days is None:
        return None
    last = _EPOCH + max(0, now - days * DAY_MS) * _MILLISECOND
    return _ms(datetime(last.year, last.month, 1, tzinfo=UTC))


def count_expired(settings: Settings, upto: int) -> dict[str, int]:
    """How many documents of each index would go. Raises `Unavailable`."""
    try:
        with connect(settings) as client:
            return {name: _documents(client, name) for name in _past(client, settings, upto)}
    except (ApiError, *PASSING) as error:
        raise Unavailable(f"elasticsearch: {error}") from error


def expire(settings: Settings, upto: int) -> Iterator[Expired]:
    """Delete these indices; after each, how many documents it had. Raises `Unavailable`."""
    try:
        with connect(settings) as client:
            names = _past(client, settings, upto)
            for done, name in enumerate(names, 1):
                found = _documents(client, name)
                client.indices.delete(index=name, ignore_unavailable=True)
                yield Expired({name: found}, done, len(names))
    except (ApiError, *PASSING) as error:
        raise Unavailable(f"elasticsearch: {error}") from error


def _past(client: elasticsearch.Elasticsearch, settings: Settings, upto: int) -> list[str]:
    """The indices of the months that have ended by then."""
    prefix = settings.elasticsearch.index_prefix
    # By name: a pattern could take more than the months.
    there = client.indices.get_settings(index=f"{prefix}-*")
    return sorted(n for n in there if months(prefix).fullmatch(n) and _end(n, prefix) <= upto)


def _end(name: str, prefix: str) -> int:
    """The first moment after an index's month, ms UTC."""
    year, month = map(int, name.removeprefix(f"{prefix}-").split("."))
    try:
        return _ms(datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC))
    except ValueError:  # the last month that there is, or none: it has not ended
        return 2**63


def _documents(client: elasticsearch.Elasticsearch, name: str) -> int:
    client.indices.refresh(index=name)
    return int(client.count(index=name)["count"])


def _ms(moment: datetime) -> int:
    return (moment - _EPOCH) // _MILLISECOND
