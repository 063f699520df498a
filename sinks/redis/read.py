"""Reads Redis back: the scores themselves, and what an operator looks at."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, cast

import msgspec
import redis

from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from sinks.redis import keys
from sinks.redis.client import connect
from sinks.stored import Stored

_PAGE = 2_000
_entry = msgspec.json.Decoder(keys.Entry)


def scan(settings: Settings, ruleset: str, version: int) -> Iterator[Stored]:
    """The stored scores of a ruleset's version, by their payments. Raises `Unavailable`."""
    wanted = keys.tag(ruleset, version)
    found: dict[tuple[str, str, int], Stored] = {}  # SCAN may give a key more than once
    try:
        with connect(settings) as client:
            for entry in entries(client):
                if entry.ruleset == wanted:
                    row = _stored(entry)
                    found[row.payment] = row
    except (redis.RedisError, OSError) as error:
        raise Unavailable(f"redis: {error}") from error
    yield from (found[payment] for payment in sorted(found))


def top_users(settings: Settings, n: int, hours: int = 2) -> list[tuple[str, int]]:
    """The riskiest users and their points, over the latest hours that have flagged events."""
    return _top(settings, keys.TOP_USERS, n, hours)


def top_ips(settings: Settings, n: int, hours: int = 2) -> list[tuple[str, int]]:
    """The riskiest IPs and their points, over the latest hours that have flagged events."""
    return _top(settings, keys.TOP_IPS, n, hours)


def flagged(settings: Settings, n: int) -> list[keys.Entry]:
    """The flagged events with the latest event times, the latest first."""
    with connect(settings) as client:
        found = cast("list[bytes]", client.zrevrange(keys.FLAGGED, 0, n - 1)) if n > 0 else []
        return list(get(client, [keys.SCORE.encode() + payment for payment in found]))


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


def entries(client: redis.Redis) -> Iterator[keys.Entry]:
    """All the entries, some of them maybe more than once."""
    cursor = 0
    while True:
        answer = client.scan(cursor, match=keys.SCORE + "*", count=_PAGE)
        cursor, names = cast("tuple[int, list[bytes]]", answer)
        yield from get(client, names)
        if not cursor:
            return


def get(client: redis.Redis, names: list[bytes]) -> Iterator[keys.Entry]:
    """The entries under these keys: of those that have not expired, and hold nothing else."""
    if names:
        for value in cast("list[bytes | None]", client.mget(names)):
            if value is not None:
                with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError):
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
        late=entry.late,
    )
