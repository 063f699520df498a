"""A message as the rows that are copied to Postgres."""

from __future__ import annotations

from typing import Any

import msgspec

from risk.engine.delivery import Message
from risk.engine.messages import Score

_encode = msgspec.json.Encoder().encode
Row = tuple[Any, ...]


def score_row(score: Score) -> Row:
    """The row of staged_scores."""
    return (
        score.event_id,
        score.ruleset,
        score.ruleset_version,
        score.user_id,
        score.event_time,
        score.run_id,
        score.fingerprint,
        score.revision,
        score.score,
        score.decision,
        _encode(score.reasons).decode(),
        _encode(score.features).decode(),
        score.scored_at,
        score.kind,
        score.late,
        _encode(score.since or {}).decode(),
    )


def transaction_row(message: Message) -> Row:
    """The row of staged_transactions."""
    txn = message.transaction
    late = not isinstance(message, Score) or message.late
    return (
        message.user_id,
        message.event_id,
        message.event_time,
        "late" if late else "scored",
        txn.amount,
        txn.currency,
        txn.merchant_id or None,
        txn.merchant_category or None,
        txn.channel or None,
        txn.country or None,
        txn.ip or None,
        txn.device_id or None,
        txn.card_token or None,
        txn.source or None,
        txn.lat,
        txn.lon,
        None if isinstance(message, Score) else message.late_by,
        None if isinstance(message, Score) else message.behind,
        message.run_id,
        _json(txn.attributes),
        _json(txn.undeclared),
    )


def _json(attributes: dict[str, Any] | None) -> str | None:
    return None if attributes is None else _encode(attributes).decode()
