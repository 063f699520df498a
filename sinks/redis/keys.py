"""The names of Redis's keys and the shape of their values.

    risk:score:<payment>     the payment's score now; also the guard against older revisions
    risk:user:<user_id>      the user's latest scored event
    risk:flagged             flagged payments by event time, the latest 10,000
    risk:top:hours           the hours of event time that have flagged events
    risk:top:users:<hour>    users by the points of their flagged events in that hour
    risk:top:ips:<hour>      the same by IP
    risk:erased              whose payments are not taken any more: see erased.py

A payment is named by its key (`identity.payment_key`): two users may have the same event_id. All
keys but the last expire after `redis.ttl_s`. They are ours alone: one that holds something else is
in the way, and is replaced. One Redis is meant, not a Redis Cluster.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import msgspec

from risk.engine.messages import Score
from risk.engine.payment.identity import payment_key

PREFIX: Final = "risk:"
SCORE: Final = PREFIX + "score:"
USER: Final = PREFIX + "user:"
FLAGGED: Final = PREFIX + "flagged"
HOURS: Final = PREFIX + "top:hours"
TOP_USERS: Final = PREFIX + "top:users:"
TOP_IPS: Final = PREFIX + "top:ips:"
ERASED: Final = PREFIX + "erased"

MAX_FLAGGED: Final = 10_000
HOUR_MS: Final = 3_600_000


class Entry(msgspec.Struct, frozen=True, gc=False):
    """The value of `risk:score:<payment>`, as JSON. `hour` is empty if it isn't flagged.

    The script reads `ruleset`, `late`, `revision`, `hour`, `user_id`, `ip` and `score` of it.
    """

    event_id: str
    ruleset: str
    revision: int
    user_id: str
    ip: str
    event_time: int
    hour: str
    score: int
    decision: str
    reasons: tuple[tuple[str, int, int], ...]
    fingerprint: str
    late: bool = False

    @property
    def payment(self) -> str:
        """Its payment's key."""
        return payment_key(self.user_id, self.event_id, self.event_time)


class Latest(msgspec.Struct, frozen=True, gc=False):
    """The value of `risk:user:<user_id>`, as JSON."""

    event_time: int
    event_id: str
    revision: int
    score: int
    decision: str
    late: bool = False


def score_key(user_id: str, event_id: str, event_time: int) -> str:
    """The key of a payment's score."""
    return SCORE + payment_key(user_id, event_id, event_time)


def tag(ruleset: str, version: int) -> str:
    """A ruleset and its version as one word."""
    return f"{ruleset}:{version}"


def hour_of(event_time: int) -> str:
    """The hour of an event time, UTC, for example `2025-03-01T14`."""
    return datetime.fromtimestamp(event_time // 1000, UTC).strftime("%Y-%m-%dT%H")


def entry(score: Score) -> Entry:
    """The stored form of a score."""
    return Entry(
        score.event_id,
        tag(score.ruleset, score.ruleset_version),
        score.revision,
        score.user_id,
        score.transaction.ip,
        score.event_time,
        hour_of(score.event_time) if score.decision != "ALLOW" else "",
        score.score,
        score.decision,
        tuple((reason.rule, reason.version, reason.points) for reason in score.reasons),
        score.fingerprint,
        score.late,
    )


def latest(entry: Entry) -> Latest:
    """The same as what its user did last."""
    return Latest(
        entry.event_time, entry.event_id, entry.revision, entry.score, entry.decision, entry.late
    )
