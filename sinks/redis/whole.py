"""Whether what Redis holds fits together: scores, and what is derived of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, cast

import msgspec
import redis

from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from sinks.redis import keys
from sinks.redis.client import connect

_PAGE = 2_000
_entry = msgspec.json.Decoder(keys.Entry)
_latest = msgspec.json.Decoder(keys.Latest)


def problems(settings: Settings) -> list[str]:
    """What doesn't fit, a line each.

    A score is its entry, its user's latest, and, if it is flagged, its place among the flagged and
    its part of two sums: of half a score the other half is wrong or missing. What is written
    meanwhile may look so, then look again; and what has begun to expire. Raises `Unavailable`.
    """
    try:
        with connect(settings) as client:
            return list(_Look(client).problems())
    except (redis.RedisError, OSError) as error:
        raise Unavailable(f"redis: {error}") from error


class _Look:
    """All that is there, and all that has to be by the entries."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client
        self._latest: dict[str, keys.Entry] = {}
        self._flagged: dict[bytes, float] = {}
        self._hours: set[bytes] = set()
        self._sums: defaultdict[str, dict[bytes, float]] = defaultdict(dict)
        self._wrong: list[str] = []

    def problems(self) -> Iterator[str]:
        for entry in self._entries():
            self._add(entry)
        yield from self._wrong
        yield from self._users()
        yield from self._sets()

    def _entries(self) -> Iterator[keys.Entry]:
        seen: set[bytes] = set()  # SCAN may give a key more than once
        cursor = 0
        while True:
            answer = self._client.scan(cursor, match=keys.SCORE + "*", count=_PAGE)
            cursor, found = cast("tuple[int, list[bytes]]", answer)
            names = [name for name in found if name not in seen]
            seen.update(names)
            values = cast("list[bytes | None]", self._client.mget(names)) if names else []
            for name, value in zip(names, values, strict=True):
                if value is None and not self._client.exists(name):
                    continue  # it has just expired
                try:
                    entry = _entry.decode(value or b"")
                except (msgspec.DecodeError, UnicodeDecodeError):
                    entry = None
                if entry is None or (keys.SCORE + entry.payment).encode() != name:
                    self._wrong.append(f"{_shown(name)} holds no score of that payment")
                else:
                    yield entry
            if not cursor:
                return

    def _add(self, entry: keys.Entry) -> None:
        last = self._latest.setdefault(entry.user_id, entry)
        if (entry.event_time, entry.event_id) > (last.event_time, last.event_id):
            self._latest[entry.user_id] = entry
        if not entry.hour:
            return
        self._flagged[entry.payment.encode()] = float(entry.event_time)
        self._hours.add(entry.hour.encode())
        if not entry.score:  # a sum of nothing isn't kept
            return
        for prefix, member in ((keys.TOP_USERS, entry.user_id), (keys.TOP_IPS, entry.ip)):
            if not member:  # the payment has no address
                continue
            sums, name = self._sums[prefix + entry.hour], member.encode()
            sums[name] = sums.get(name, 0.0) + entry.score

    def _users(self) -> Iterator[str]:
        users = list(self._latest)
        for start in range(0, len(users), _PAGE):
            page = users[start : start + _PAGE]
            values = cast("list[bytes | None]", self._client.mget([keys.USER + u for u in page]))
            for user, value in zip(page, values, strict=True):
                if not _says(value, keys.latest(self._latest[user])):
                    yield f"{_shown(keys.USER + user)} is not the user's latest score"

    def _sets(self) -> Iterator[str]:
        if (flagged := self._members(keys.FLAGGED)) is None:
            yield f"{keys.FLAGGED} is no sorted set"
        elif len(self._flagged) > keys.MAX_FLAGGED:
            if not flagged.items() <= self._flagged.items():
                yield f"{keys.FLAGGED} holds others than those that are flagged"
        elif flagged != self._flagged:
            yield f"{keys.FLAGGED} has {len(flagged):,} payments and should have " + (
                f"{len(self._flagged):,}, those that are flagged"
            )
        hours = self._members(keys.HOURS)
        if hours is None or not self._hours <= hours.keys():
            yield f"{keys.HOURS} lacks hours that have flagged payments"
        for key, wanted in sorted(self._sums.items()):
            if self._members(key) != wanted:
                yield f"{key} is not the sums of its flagged payments' scores"

    def _members(self, key: str) -> dict[bytes, float] | None:
        """A sorted set's members with their scores; None if it is none."""
        if self._client.type(key) not in (b"zset", b"none"):
            return None
        pairs: Any = self._client.zrange(key, 0, -1, withscores=True)
        return dict(pairs)


def _says(value: bytes | None, wanted: keys.Latest) -> bool:
    try:
        return value is not None and _latest.decode(value) == wanted
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False


def _shown(key: bytes | str) -> str:
    return key.decode(errors="replace") if isinstance(key, bytes) else key
