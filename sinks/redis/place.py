"""A second logical database on the same server."""

from __future__ import annotations

from typing import Final

import redis
from msgspec.structs import replace

from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from sinks.redis.client import connect

DATABASE: Final = 15  # the last of those that a server has by default


def apart(settings: Settings, name: str) -> Settings:
    """The settings with the other database, which has a number and no name: there is but one."""
    return replace(settings, redis=replace(settings.redis, database=DATABASE))


def make(settings: Settings, own: Settings) -> None:
    """Empty it: it is always there. Raises `Unavailable`."""
    remove(settings, own)


def remove(settings: Settings, own: Settings) -> None:
    """Delete all that is in it. Raises `Unavailable`."""
    try:
        with connect(own) as client:
            client.flushdb()
    except (redis.RedisError, OSError) as error:
        raise Unavailable(f"redis: {error}") from error
