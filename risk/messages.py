"""What is written to Kafka besides transactions: scores, alerts, late events, labels.

Every message is JSON in snake_case; `schemas/` holds a JSON Schema for each.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from risk.event import Transaction
from risk.features.catalogue import FeatureValue

Decision = Literal["ALLOW", "REVIEW", "BLOCK"]
Kind = Literal["live", "shadow", "replay"]
Behind = Literal["partition", "frontier"]


class Reason(msgspec.Struct, frozen=True, gc=False):
    """One rule's hit: `text` is its reason template, filled in."""

    rule: str
    version: int
    points: int
    text: str


class MaskedTransaction(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A transaction as it may leave the scoring job: the card token is masked."""

    amount: int
    currency: str
    merchant_id: str
    merchant_category: str
    channel: str
    country: str
    ip: str
    device_id: str
    card_token: str
    source: str
    lat: float | None = None
    lon: float | None = None


class Score(msgspec.Struct, frozen=True, gc=False):
    """risk.scores, keyed by user_id: every scored event, revision 0 at once, 1 when corrected.

    `kind` says whether the decision counts (live), or was made beside the one that does: by a
    second ruleset in the same job (shadow), or by a replay. A `late` payment was decided on what
    it says itself: it is in nobody's windows, and never replaces a score that isn't late.
    """

    schema_version: int
    event_id: str
    user_id: str
    event_time: int
    run_id: str
    ruleset: str
    ruleset_version: int
    fingerprint: str
    revision: int
    score: int
    decision: Decision
    reasons: tuple[Reason, ...]
    features: dict[str, FeatureValue]
    transaction: MaskedTransaction
    scored_at: int
    kind: Kind = "live"
    late: bool = False


class Alert(msgspec.Struct, frozen=True, gc=False):
    """risk.alerts, keyed by user_id: REVIEW and BLOCK only; `alert_id` is the payment's key."""

    schema_version: int
    alert_id: str
    event_id: str
    user_id: str
    event_time: int
    run_id: str
    ruleset: str
    ruleset_version: int
    revision: int
    score: int
    decision: Decision
    reasons: tuple[Reason, ...]
    transaction: MaskedTransaction
    raised_at: int
    late: bool = False


class Late(msgspec.Struct, frozen=True, gc=False):
    """risk.late, keyed by user_id: in nobody's windows, and decided on what it says itself.

    `late_by` is in ms. It is behind its own partition's mark, or, if that had been silent, behind
    the `frontier`: of that the log of payments shows nothing, so this message is the record of it.
    """

    schema_version: int
    event_id: str
    user_id: str
    event_time: int
    run_id: str
    late_by: int
    partition: int
    offset: int
    transaction: MaskedTransaction
    behind: Behind = "partition"


class Label(msgspec.Struct, frozen=True, gc=False):
    """risk.labels, keyed by user_id: the truth of a synthetic event; scoring never reads it."""

    schema_version: int
    event_id: str
    user_id: str
    event_time: int
    fraud: bool
    attack: str | None


def masked(txn: Transaction) -> MaskedTransaction:
    """The transaction without what identifies a card: of its token the last four characters."""
    return MaskedTransaction(
        txn.amount,
        txn.currency,
        txn.merchant_id,
        txn.merchant_category,
        txn.channel,
        txn.country,
        txn.ip,
        txn.device_id,
        "****" + txn.card_token[-4:] if len(txn.card_token) > 8 else "****",
        txn.source,
        txn.lat,
        txn.lon,
    )
