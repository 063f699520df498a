"""Builds alerts."""

from __future__ import annotations

from typing import Any

from risk.engine.messages import Alert, Decision, MaskedTransaction, Reason

NOON = 1_740_830_400_000  # 2025-03-01T12:00:00Z
HOUR = 3_600_000


def alert(
    event_id: str,
    *,
    user_id: str = "u-1",
    event_time: int = NOON,
    points: int = 80,
    revision: int = 0,
    late: bool = False,
    version: int = 1,
    rule: str = "velocity_burst",
    amount: int = 12_345,
    currency: str = "EUR",
    **txn: Any,
) -> Alert:
    """An alert of one rule's points; its payment has only what is given."""
    decision: Decision = "BLOCK" if points >= 70 else "REVIEW"
    return Alert(
        schema_version=1,
        alert_id=f"{user_id}:{event_id}:{event_time}",
        user_id=user_id,
        event_time=event_time,
        run_id="run-1",
        ruleset="default",
        ruleset_version=version,
        revision=revision,
        score=points,
        decision=decision,
        reasons=(Reason(rule, 2, points, f"{points} points"),),
        transaction=MaskedTransaction(amount=amount, currency=currency, **txn),
        raised_at=event_time + 20,
        late=late,
        event_id=event_id,
    )
