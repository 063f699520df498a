"""Builds scores and late messages to write to the stores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from risk.engine.features.catalogue import TYPES, FeatureValue
from risk.engine.messages import Decision, Kind, Late, MaskedTransaction, Reason, Score

NOON = 1_740_830_400_000  # 2025-03-01T12:00:00Z
ACTIVE = ("default", 1)
OTHER = ("strict", 3)

_ZERO: dict[str, FeatureValue] = {"int": 0, "float": 0.0, "bool": False}


def transaction(**changes: Any) -> MaskedTransaction:
    """A masked transaction."""
    plain = MaskedTransaction(
        amount=12_345,
        currency="EUR",
        merchant_id="m-1",
        merchant_category="5411",
        channel="web",
        country="DE",
        ip="192.0.2.7",
        device_id="d-1",
        card_token="****4242",
        source="bank-a",
        lat=52.52,
        lon=13.405,
    )
    return msgspec.structs.replace(plain, **changes)


def score(
    event_id: str,
    *,
    points: int = 0,
    revision: int = 0,
    ruleset: tuple[str, int] = ACTIVE,
    user_id: str = "u-1",
    event_time: int = NOON,
    kind: Kind = "live",
    late: bool = False,
    run_id: str = "run-1",
    **txn: Any,
) -> Score:
    """A score of one rule's points: from 40 a REVIEW, from 70 a BLOCK."""
    decision: Decision = "BLOCK" if points >= 70 else "REVIEW" if points >= 40 else "ALLOW"
    reasons = (Reason("velocity_burst", 2, points, f"{points} points"),) if points else ()
    return Score(
        schema_version=1,
        event_id=event_id,
        user_id=user_id,
        event_time=event_time,
        run_id=run_id,
        ruleset=ruleset[0],
        ruleset_version=ruleset[1],
        fingerprint="f" * 64,
        revision=revision,
        score=points,
        decision=decision,
        reasons=reasons,
        features={name: _ZERO[kind] for name, kind in TYPES.items()},
        transaction=transaction(**txn),
        scored_at=event_time + 20,
        kind=kind,
        late=late,
    )


def late(event_id: str, *, user_id: str = "u-1", event_time: int = NOON) -> Late:
    """A late message."""
    return Late(1, event_id, user_id, event_time, "run-1", 45_000, 0, 17, transaction())


def many(n: int, revision: int = 0) -> list[Score]:
    """That many scores of as many events, over some users, IPs and two months."""
    return [
        score(
            f"e-{i:06}",
            points=i % 101,
            revision=revision,
            user_id=f"u-{i % 997}",
            event_time=NOON + i * 400_000,
            ip=f"198.51.{i % 100}.{i % 250}",
        )
        for i in range(n)
    ]


def by_id(scores: Sequence[Score]) -> list[Score]:
    """In the order in which stores are read back."""
    return sorted(scores, key=lambda s: (s.event_id, s.user_id, s.event_time))
