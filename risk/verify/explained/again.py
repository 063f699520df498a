"""A stored score once more: what a ruleset says of a payment's features as they were. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from risk.engine.features.catalogue import FIRST, FeatureValue
from risk.engine.features.named import Features
from risk.engine.messages import MaskedTransaction
from risk.engine.payment.transaction import Transaction
from risk.engine.rules import Ruleset
from risk.engine.rules.declaration import named_by
from risk.engine.scoring import Outcome, score


class Stored(NamedTuple):
    """A payment as stores hold it, with the features that its score was made of.

    Of a card only what isn't masked is known, so a rule that reads all of it may say otherwise.
    """

    event_id: str
    user_id: str
    event_time: int
    transaction: MaskedTransaction
    features: Mapping[str, FeatureValue]
    late: bool


class Again(NamedTuple):
    """A ruleset beside a stored payment: `outcome` is what it says of any features for it.

    `first` are the features of a payment of which nothing else is known.
    """

    ruleset: Ruleset
    txn: Transaction
    features: Mapping[str, FeatureValue]
    late: bool
    first: Mapping[str, FeatureValue]
    make: Callable[..., Features]

    def outcome(self, features: Mapping[str, FeatureValue] | None = None) -> Outcome:
        """What the ruleset says, of the payment's own features unless others are given."""
        made = self.make(**(self.features if features is None else features))
        return score(self.ruleset, made, self.txn, self.late)


def again(ruleset: Ruleset, stored: Stored) -> Again:
    """The two together. What the ruleset reads and the score doesn't tell has its first value."""
    make = named_by(ruleset.features)
    known: dict[str, FeatureValue] = {**FIRST, **{one.name: one.first for one in ruleset.features}}
    features = {name: stored.features.get(name, first) for name, first in known.items()}
    return Again(ruleset, transaction(stored), features, stored.late, known, make)


def transaction(stored: Stored) -> Transaction:
    """The payment, as far as stores know it."""
    masked = stored.transaction
    own: dict[str, Any] = {**(masked.attributes or {}), **(masked.undeclared or {})}
    return Transaction(
        event_id=stored.event_id,
        user_id=stored.user_id,
        event_time=stored.event_time,
        amount=masked.amount,
        currency=masked.currency,
        merchant_id=masked.merchant_id,
        merchant_category=masked.merchant_category,
        channel=masked.channel,
        country=masked.country,
        ip=masked.ip,
        device_id=masked.device_id,
        card_token=masked.card_token,
        source=masked.source,
        lat=masked.lat,
        lon=masked.lon,
        attributes=own or None,
    )
