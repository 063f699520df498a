"""What a store holds of the payments under one event_id, whatever the store."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import msgspec

TRANSACTION: Final = (
    *("user_id", "event_time", "amount", "currency", "merchant_id", "merchant_category"),
    *("channel", "country", "ip", "device_id", "card_token", "source", "lat", "lon"),
    *("attributes", "undeclared"),
)


class Scored(msgspec.Struct):
    """A payment under one version of a ruleset, as the newest revision in the stores has it.

    Times are in ms UTC. `stored` is the revision in each store that has it. `since` has features
    that lack history, each with the event time from which on it knows every payment.
    """

    ruleset: str
    ruleset_version: int
    kind: str
    late: bool
    revision: int
    score: int
    decision: str
    user_id: str
    event_time: int
    scored_at: int
    run_id: str
    fingerprint: str
    reasons: list[dict[str, Any]]
    features: dict[str, Any]
    stored: dict[str, int] = msgspec.field(default_factory=dict)
    since: dict[str, int] = msgspec.field(default_factory=dict)


class Archived(NamedTuple):
    """A payment's transaction, flat, by the names of `TRANSACTION`.

    `late_by` in ms, and behind what, where the store knows.
    """

    user_id: str
    event_time: int
    transaction: dict[str, Any]
    late: bool = False
    late_by: int | None = None
    behind: str | None = None


class HeldRevision(NamedTuple):
    """Which revision of a score there is, of a store that holds less than the whole score."""

    user_id: str
    event_time: int
    tag: str  # of the ruleset: name:version
    revision: int


class Found(msgspec.Struct):
    """All of it. `where` says in words where it is; empty: the store holds nothing."""

    where: list[str]
    scores: list[Scored] = msgspec.field(default_factory=list)
    archived: list[Archived] = msgspec.field(default_factory=list)
    held: list[HeldRevision] = msgspec.field(default_factory=list)
