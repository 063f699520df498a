"""Alerts for tests of the console."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from risk.engine.messages import Alert, MaskedTransaction, Reason

NOW = 1_764_500_000_000
PAYMENT = MaskedTransaction(
    amount=12_345,
    currency="EUR",
    merchant_id="m1",
    merchant_category="5411",
    channel="web",
    country="DE",
    ip="192.0.2.77",
    device_id="device-0123456789",
    card_token="****4242",
    lat=52.5,
    lon=13.4,
)
ALERT = Alert(
    schema_version=1,
    alert_id="0" * 32,
    user_id="u1",
    event_time=NOW - 500,
    run_id="live-1",
    ruleset="default",
    ruleset_version=3,
    revision=0,
    score=70,
    decision="REVIEW",
    reasons=(Reason("ip_burst", 1, 70, "14 users from 192.0.2.77 in 2 minutes"),),
    transaction=PAYMENT,
    raised_at=NOW,
    event_id="e1",
)


def alert(number: int = 0, payment: dict[str, Any] | None = None, **values: Any) -> Alert:
    """An alert on another payment for each number."""
    txn = replace(PAYMENT, **payment) if payment else PAYMENT
    known = {"alert_id": f"{number:032x}", "event_id": f"e{number}", "transaction": txn}
    return replace(ALERT, **(known | values))
