"""What is written to Kafka besides transactions: scores, alerts, late events, labels.

Every message is JSON in snake_case; `schemas/` holds a JSON Schema for each.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

import msgspec

from risk.engine.features.catalogue import FeatureValue
from risk.engine.payment.contract import NOTHING, typed
from risk.engine.payment.contract import Kind as AttributeKind
from risk.engine.payment.transaction import (
    MAX_AMOUNT,
    MAX_EVENT_TIME,
    MISSING,
    Channel,
    Identifier,
    Transaction,
)

Decision = Literal["ALLOW", "REVIEW", "BLOCK"]
Kind = Literal["live", "shadow", "replay"]
AttributeValue = bool | Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)] | float | str
Behind = Literal["partition", "frontier", "limit"]

# What a message may hold: the same in `schemas/`, and no store takes less. Decoding holds a message
# to it, and `risk.engine.message_check` to what a type can't say.
MAX_VERSION: Final = 1_000_000
MAX_REVISION: Final = 32_767
MAX_REASONS: Final = 1_000
MAX_MODELS: Final = 8  # of a ruleset
MAX_MODEL_SCORE: Final = 1_000
MAX_CONTRIBUTIONS: Final = 5  # that are told of a model's score
MODEL_FILE_DIGITS: Final = 12  # of the hash of a model's file
MAX_RUN_ID: Final = 128

SchemaVersion = Annotated[int, msgspec.Meta(ge=1, le=1)]
Time = Annotated[int, msgspec.Meta(ge=0, le=MAX_EVENT_TIME)]
Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{0,62}\Z")]
Version = Annotated[int, msgspec.Meta(ge=1, le=MAX_VERSION)]
Revision = Annotated[int, msgspec.Meta(ge=0, le=MAX_REVISION)]
Points = Annotated[int, msgspec.Meta(ge=0, le=100)]
RunId = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_RUN_ID)]
Long = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class Reason(msgspec.Struct, frozen=True, gc=False):
    """One rule's hit: `text` is its reason template, filled in.

    Where a payment was released, the last reason is `control_group`, of 0 points.
    """

    rule: Name
    version: Version
    points: Points
    text: str


Reasons = Annotated[tuple[Reason, ...], msgspec.Meta(max_length=MAX_REASONS)]


class Contribution(msgspec.Struct, frozen=True, gc=False):
    """How much one input of a model moved its margin: `points` are thousandths of it."""

    input: Name
    value: FeatureValue
    points: Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]


class ModelScore(msgspec.Struct, frozen=True, gc=False):
    """What a model says of a payment; `contributions` only where a rule has hit, largest first.

    `by` is the model that said it, champion or challenger, and unset where there is no challenger.
    `file` is how the SHA-256 of that model's file begins; earlier versions didn't tell it.
    """

    score: Annotated[int, msgspec.Meta(ge=0, le=MAX_MODEL_SCORE)]
    contributions: Annotated[tuple[Contribution, ...], msgspec.Meta(max_length=MAX_CONTRIBUTIONS)]
    by: Name | msgspec.UnsetType = msgspec.UNSET
    file: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{12}\Z")] | msgspec.UnsetType = (
        msgspec.UNSET
    )


Models = (
    Annotated[dict[Name, ModelScore], msgspec.Meta(min_length=1, max_length=MAX_MODELS)]
    | msgspec.UnsetType
)


class ControlGroup(msgspec.Struct, frozen=True, gc=False):
    """What became of a payment that was to be blocked, under a ruleset with a control group.

    `propensity` is how likely its release was, in thousandths: 0 beyond the caps, where none is.
    """

    released: bool
    propensity: Annotated[int, msgspec.Meta(ge=0, le=1_000)]


Moments = Annotated[dict[Name, Time], msgspec.Meta(min_length=1)] | msgspec.UnsetType


class MaskedTransaction(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A transaction as it may leave the scoring job: the card token is masked.

    A text that it doesn't have is empty. `attributes` are those that the ruleset declares,
    `undeclared` all others.
    """

    amount: Annotated[int, msgspec.Meta(ge=0, le=MAX_AMOUNT)]
    currency: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}\Z")]
    merchant_id: Identifier = MISSING
    merchant_category: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}\Z")] = MISSING
    channel: Channel = MISSING
    country: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}\Z")] = MISSING
    ip: Annotated[str, msgspec.Meta(min_length=2)] = MISSING
    device_id: Identifier = MISSING
    card_token: Identifier = MISSING
    source: Identifier = MISSING
    lat: Annotated[float, msgspec.Meta(ge=-90, le=90)] | None = None
    lon: Annotated[float, msgspec.Meta(ge=-180, le=180)] | None = None
    attributes: dict[str, AttributeValue] | None = None
    undeclared: dict[str, Any] | None = None


class Score(msgspec.Struct, frozen=True, gc=False):
    """risk.scores, keyed by user_id: every scored event, revision 0 at once, 1 when corrected.

    `kind` says whether the decision counts (live), or was made beside the one that does: by a
    second ruleset in the same job (shadow), or by a replay. A `late` payment was decided on what
    it says itself: it is in nobody's windows, and never replaces a score that isn't late.
    """

    schema_version: SchemaVersion
    event_id: Identifier
    user_id: Identifier
    event_time: Time
    run_id: RunId
    ruleset: Name
    ruleset_version: Version
    fingerprint: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
    revision: Revision
    score: Points
    decision: Decision
    reasons: Reasons
    features: dict[str, FeatureValue]
    transaction: MaskedTransaction
    scored_at: Time
    kind: Kind = "live"
    late: bool = False
    models: Models = msgspec.UNSET  # only a ruleset with models says so
    control_group: ControlGroup | msgspec.UnsetType = msgspec.UNSET  # of what was to be blocked
    since: Moments = msgspec.UNSET  # of features that lack history: from when on they know all


class Alert(msgspec.Struct, frozen=True, gc=False):
    """risk.alerts, keyed by user_id: REVIEW and BLOCK only; `alert_id` is the payment's key."""

    schema_version: SchemaVersion
    alert_id: str
    user_id: Identifier
    event_time: Time
    run_id: RunId
    ruleset: Name
    ruleset_version: Version
    revision: Revision
    score: Points
    decision: Decision
    reasons: Reasons
    transaction: MaskedTransaction
    raised_at: Time
    late: bool = False
    event_id: str = ""  # earlier versions have none: there `alert_id` was it


class Late(msgspec.Struct, frozen=True, gc=False):
    """risk.late, keyed by user_id: in nobody's windows, and decided on what it says itself.

    `late_by` is in ms. It is behind its own partition's mark; or, if that had been silent, behind
    the `frontier`, and this message is the record of it; or by 0 beyond its partition's `limit`.
    """

    schema_version: SchemaVersion
    event_id: Identifier
    user_id: Identifier
    event_time: Time
    run_id: RunId
    late_by: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
    partition: Long
    offset: Long
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


def masked(txn: Transaction, declared: Mapping[str, AttributeKind] = NOTHING) -> MaskedTransaction:
    """The transaction without what identifies a card: of its token the last four characters.

    `declared` are the ruleset's attributes. One of another type, which only the ruleset that
    decides refuses, is with the undeclared.
    """
    card = txn.card_token
    attributes, undeclared = _split(txn.attributes, declared) if txn.attributes else (None, None)
    return MaskedTransaction(
        txn.amount,
        txn.currency,
        txn.merchant_id,
        txn.merchant_category,
        txn.channel,
        txn.country,
        txn.ip,
        txn.device_id,
        card and ("****" + card[-4:] if len(card) > 8 else "****"),
        txn.source,
        txn.lat,
        txn.lon,
        attributes,
        undeclared,
    )


def _split(
    attributes: Mapping[str, Any], declared: Mapping[str, AttributeKind]
) -> tuple[dict[str, AttributeValue] | None, dict[str, Any] | None]:
    """The declared ones, and the others."""
    known: dict[str, AttributeValue] = {}
    others: dict[str, Any] = {}
    for name, value in attributes.items():
        kind = declared.get(name)
        own = None if kind is None else typed(value, kind)
        if own is None:
            others[name] = value
        else:
            known[name] = own
    return known or None, others or None
