"""What Redis holds of the payments under one event_id."""

from __future__ import annotations

from collections.abc import Collection
from typing import cast

import redis

from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from sinks.found import Found, HeldRevision
from sinks.redis import keys
from sinks.redis.client import connect
from sinks.redis.read import entries, get


def look_up(
    settings: Settings,
    event_id: str,
    user_id: str | None = None,
    known: Collection[tuple[str, int]] = (),
) -> Found:
    """Each payment's revision, and in how many seconds it expires: of every user, or of one alone.

    `known` are the payments, by user_id and event_time, that other stores know under this id:
    these are looked up. Without any all entries are read, which takes seconds where there are
    millions. Raises `Unavailable`.
    """
    names = [keys.score_key(user, event_id, time).encode() for user, time in known]
    try:
        with connect(settings) as client:
            read = get(client, names) if names else entries(client)
            matching = {
                one.payment: one
                for one in read
                if one.event_id == event_id and user_id in (None, one.user_id)
            }
            found = list(matching.values())
            left = [cast("int", client.ttl(keys.SCORE + one.payment)) for one in found]
    except (redis.RedisError, OSError) as error:
        raise Unavailable(f"redis: {error}") from error
    there = [one for one in zip(found, left, strict=True) if one[1] != -2]
    there.sort(key=lambda one: (one[0].user_id, one[0].event_time))
    return Found(
        [f"under {one.ruleset}, for {seconds:,} s more" for one, seconds in there],
        held=[
            HeldRevision(one.user_id, one.event_time, one.ruleset, one.revision) for one, _ in there
        ],
    )
