"""A user's payments in Postgres, with their scores and features as they were."""

from __future__ import annotations

from typing import Any

import msgspec

from sinks.sql import statement


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """A payment of a user, and its live decision. Time in ms UTC, amount in minor units.

    What the archive doesn't have, or the payment itself, is None.
    """

    event_id: str
    user_id: str
    event_time: int
    ruleset: str
    ruleset_version: int
    revision: int
    late: bool
    score: int
    decision: str
    features: dict[str, Any]
    amount: int | None = None
    currency: str | None = None
    merchant_id: str | None = None
    country: str | None = None
    channel: str | None = None


def timeline(cursor: Any, user_id: str, since: int, until: int, limit: int) -> list[Past]:
    """Up to `limit` of them between two moments, in ms UTC, the latest first.

    Each payment once, under the ruleset that decided it last. The cursor gives dicts.
    """
    values = {"user_id": user_id, "since": since, "until": until, "limit": 2 * limit}
    found: dict[tuple[str, int], Past] = {}
    for row in cursor.execute(statement("user_timeline"), values):
        one = msgspec.convert(row, Past)
        found.setdefault((one.event_id, one.event_time), one)
    return [*found.values()][:limit]
