"""Removes a user's payments from Redis, and what is derived of them."""

from __future__ import annotations

import contextlib
import pkgutil
from collections.abc import Iterator, Sequence
from typing import Final, cast

import msgspec
import redis

from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from sinks.redis import keys
from sinks.redis.client import connect
from sinks.redis.read import entries


def _script() -> str:
    # Not open(): the code may be in a zip.
    text = pkgutil.get_data(__package__, "forget.lua")
    assert text is not None
    return text.decode()


SCRIPT: Final = _script()  # at once: a job outlives the folder that its code was unpacked in
_latest = msgspec.json.Decoder(keys.Latest)


def count(settings: Settings, user_id: str, upto: int) -> dict[str, int]:
    """A user's scores up to an event time in ms UTC, the latest of them, and sums of hours.

    Reads all entries, which takes seconds where there are millions. Raises `Unavailable`.
    """
    try:
        with connect(settings) as client:
            own = [entry for entry in entries(client) if entry.user_id == user_id]
            return {
                "scores": len(_payments(own, upto)),
                "latest": int(_is_latest(client, user_id, upto)),
                "sums": len(_sums(client, user_id, own, upto)),
            }
    except (redis.RedisError, OSError) as error:
        raise Unavailable(f"redis: {error}") from error


def erase(settings: Settings, user_id: str, upto: int) -> dict[str, int]:
    """Remove them; how many there were. Raises `Unavailable`."""
    try:
        with connect(settings) as client:
            own = [entry for entry in entries(client) if entry.user_id == user_id]
            sums = _sums(client, user_id, own, upto)
            gone = 0
            for payment in _payments(own, upto):
                names = keys.SCORE + payment, keys.FLAGGED
                gone += cast("int", client.eval(SCRIPT, 2, *names, payment, user_id, str(upto)))
            latest = _is_latest(client, user_id, upto)
            if latest:
                client.delete(keys.USER + user_id)
            for name in sums:  # what is left of scores that had expired or were evicted
                client.zrem(name, user_id)
            return {"scores": gone, "latest": int(latest), "sums": len(sums)}
    except (redis.RedisError, OSError) as error:
        raise Unavailable(f"redis: {error}") from error


def _payments(own: Sequence[keys.Entry], upto: int) -> list[str]:
    """The keys of the user's payments that are to go."""
    return sorted({entry.payment for entry in own if entry.event_time <= upto})


def _is_latest(client: redis.Redis, user_id: str, upto: int) -> bool:
    """Whether what is kept as the user's latest is to go."""
    name = keys.USER + user_id
    if client.type(name) != b"string":
        return False
    with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError):
        return _latest.decode(cast("bytes", client.get(name)) or b"").event_time <= upto
    return True  # it is none of ours


def _sums(client: redis.Redis, user_id: str, own: Sequence[keys.Entry], upto: int) -> list[str]:
    """The sums of hours that name the user, and have nothing of a payment that stays."""
    last, stay = keys.hour_of(upto), {entry.hour for entry in own if entry.event_time > upto}
    found: set[str] = set()
    for name in cast("Iterator[bytes]", client.scan_iter(match=keys.TOP_USERS + "*")):
        key = name.decode(errors="replace")
        hour = key.removeprefix(keys.TOP_USERS)
        if hour > last or hour in stay or client.type(name) != b"zset":
            continue
        if client.zscore(name, user_id) is not None:
            found.add(key)
    return sorted(found)
