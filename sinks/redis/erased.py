"""The list of erased users in Redis: a key that doesn't expire, and that no rebuild empties.

    risk:erased    salt to its hexadecimal digits, and the hash of each erased user to the event
                   time, in ms UTC, up to which it was erased

The script that writes a score looks at it, so there is no moment between the look and the writing.
"""

from __future__ import annotations

from typing import Any, cast

import redis

from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from risk.engine.erasure import Erased
from sinks.redis import keys
from sinks.redis.client import connect

SALT = "salt"


def salt_of(client: redis.Redis) -> bytes:
    """The salt of the list; empty: there is none. Raises the client's errors."""
    if client.type(keys.ERASED) != b"hash":
        return b""
    found = cast("bytes | None", client.hget(keys.ERASED, SALT))
    return bytes.fromhex(found.decode()) if found else b""


def erased(settings: Settings) -> Erased | None:
    """The whole list; None: there is none. Raises `Unavailable`."""
    try:
        with connect(settings) as client:
            salt = salt_of(client)
            if not salt:
                return None
            found = cast("dict[bytes, bytes]", client.hgetall(keys.ERASED))
    except (redis.RedisError, OSError) as error:
        raise Unavailable(f"redis: {error}") from error
    users = {key.decode(): int(upto) for key, upto in found.items() if key != SALT.encode()}
    return Erased(salt, users)


def add_erased(settings: Settings, erased: Erased) -> None:
    """Add to the list; one of another salt, or that is none, is replaced. Raises `Unavailable`."""

    def add(pipe: Any) -> None:
        known = pipe.hgetall(keys.ERASED) if pipe.type(keys.ERASED) == b"hash" else {}
        same = known.get(SALT.encode()) == erased.salt.hex().encode()
        pipe.multi()
        if not same:
            pipe.delete(keys.ERASED)
            pipe.hset(keys.ERASED, SALT, erased.salt.hex())
        for user_hash, upto in erased.users.items():
            before = int(known.get(user_hash.encode(), -1)) if same else -1
            pipe.hset(keys.ERASED, user_hash, max(upto, before))
        pipe.persist(keys.ERASED)

    try:
        with connect(settings) as client:
            client.transaction(add, keys.ERASED)
    except (redis.RedisError, OSError) as error:
        raise Unavailable(f"redis: {error}") from error
