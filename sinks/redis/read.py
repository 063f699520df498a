"""Reads Redis back: the scores themselves, and what an operator looks at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import msgspec
import redis

from risk.delivery import Unavailable
from risk.settings import Settings
from sinks.redis import keys
from sinks.redis.client import connect
from sinks.stored import Stored

_PAGE = 2_000
_entry = msgspec.json.Decoder(keys.Entry)


def scan(settings: Settings, ruleset: str, version: int) -> Iterator[Stored]:
    """The stored scores of a ruleset's version, in the order of event_id. Raises `Unavailable`."""
    wanted = keys.tag(ruleset, version)
    found: dict[str, Stored] = {}  # SCAN may give a key more than once
    try:
        with connect(settings) as client:
            for entry in _entries(client):
                if entry.ruleset == wanted:
                    found[entry.event_id] = _stored(entry)
    except (redis.RedisError, OSError) as error:
        raise Unavailable(f"redis: {error}") from error
    yield from (found[event_id] for event_id in sorted(found))


def top_users(settings: Settings, n: int, hours: int = 2) -> list[tuple[str, int]]:
    """The riskiest users and their points, over the latest hours that have flagged events."""
    return _top(settings, keys.TOP_USERS, n, hours)


def top_ips(settings: Settings, n: int, hours: int = 2) -> list[tuple[str, int]]:
    """The riskiest IPs and their points, over the latest hours that have flagged events."""
    return _top(settings, keys.TOP_IPS, n, hours)


def flagged(settings: Settings, n: int) -> list[keys.Entry]:
    """The flagged events with the latest event times, the latest first."""
    with connect(settings) as client:
        ids = cast("list[bytes]", client.zrevrange(keys.FLAGGED, 0, n - 1)) if n > 0 else []
        return list(_get(client, [keys.SCORE.encode() + event_id for event_id in ids]))


def _top(settings: Settings, prefix: str, n: int, hours: int) -> list[tuple[str, int]]:
    if n <= 0 or hours <= 0:
        return []
    with connect(settings) as client:
        latest = cast("list[bytes]", client.zrevrange(keys.HOURS, 0, hours - 1))
        if not latest:
            return []
        sums: Any = client.zunion(
            [prefix.encode() + hour for hour in latest], aggregate="SUM", withscores=True
        )
    ranked = sorted(sums, key=lambda item: (-item[1], item[0]))
    return [(member.decode(), round(points)) for member, points in ranked[:n]]


def _entries(client: redis.Redis) -> Iterator[keys.Entry]:
    """All the entries, some of them maybe more than once."""
    cursor = 0
    while True:
        answer = client.scan(cursor, match=keys.SCORE + "*", count=_PAGE)
        cursor, names = cast("tuple[int, list[bytes]]", answer)
        yield from _get(client, names)
        if not cursor:
            return


def _get(client: redis.Redis, names: list[bytes]) -> Iterator[keys.Entry]:
    """The entries under these keys that have not expired."""
    if names:
        for value in cast("list[bytes | None]", client.mget(names)):
            if value is not None:
                yield _entry.decode(value)


def _stored(entry: keys.Entry) -> Stored:
    return Stored(
        event_id=entry.event_id,
        user_id=entry.user_id,
        event_time=entry.event_time,
        revision=entry.revision,
        score=entry.score,
        decision=entry.decision,
        reasons=entry.reasons,
        fingerprint=entry.fingerprint,
    )
