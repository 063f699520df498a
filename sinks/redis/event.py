"""What Redis holds of one event."""

from __future__ import annotations

from typing import cast

import msgspec
import redis

from risk.delivery import Unavailable
from risk.settings import Settings
from sinks.redis import keys
from sinks.redis.client import connect


def entry(settings: Settings, event_id: str) -> tuple[keys.Entry, int] | None:
    """The event's entry and in how many seconds it expires; None if it isn't there.

    Raises `Unavailable`.
    """
    key = keys.SCORE + event_id
    try:
        with connect(settings) as client:
            value = cast("bytes | None", client.get(key))
            left = cast("int", client.ttl(key))
    except (redis.RedisError, OSError) as error:
        raise Unavailable(f"redis: {error}") from error
    if value is None or left == -2:
        return None
    return msgspec.json.decode(value, type=keys.Entry), left
