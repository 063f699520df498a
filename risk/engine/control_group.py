"""Blocked payments that are released all the same, so that somebody learns what becomes of them.

Nobody knows whether a payment that was blocked was fraud: a ruleset can't be told from one that
blocks the honest, and a model learns nothing from what rules are surest of. So a small share of
them goes through. Which ones follows from the payment alone: no state, clock or random number is
asked, so a replay releases the same ones.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final, NamedTuple

from risk.engine.features.named import Features
from risk.engine.messages import ControlGroup, Reason
from risk.engine.models.rollout import WHOLE, percent
from risk.engine.payment.identity import payment_key
from risk.engine.payment.transaction import Transaction

RULE: Final = "control_group"  # what its reason is called, in the place of a rule
_DIGITS: Final = 15  # hexadecimal ones: 60 bits


class Release(NamedTuple):
    """Which blocked payments are released.

    A `share` of them, in tenths of a percent, of those within the caps: `amounts` are the most that
    one may be, in minor units by currency, and none in another currency is released; `daily` are
    features, and the most that they may say. Each is a count or a sum over at least a day of the
    user's payments, this one among them, so what is released of a user in a day stays below, too.
    """

    share: int
    salt: str
    amounts: Mapping[str, int]
    daily: Mapping[str, int]

    def word(self, features: Features, txn: Transaction, late: bool) -> ControlGroup:
        """What becomes of a payment that is to be blocked, and how likely its release was.

        A late one is never released: its features say nothing of the user's day.
        """
        if late or not self.allows(features, txn):
            return ControlGroup(False, 0)
        return ControlGroup(bucket(self.salt, txn) < self.share, self.share)

    def allows(self, features: Features, txn: Transaction) -> bool:
        """Whether a payment is within the caps."""
        return txn.amount <= self.amounts.get(txn.currency, -1) and all(
            getattr(features, name) <= most for name, most in self.daily.items()
        )

    def reason(self, version: int) -> Reason:
        """Why a payment of such a score was allowed. `version` is the ruleset's."""
        told = f"released to see what becomes of it, as {percent(self.share)} of those blocked are"
        return Reason(RULE, version, 0, told)

    @property
    def content(self) -> dict[str, object]:
        """All that decides which are released."""
        return {**self._asdict(), "amounts": dict(self.amounts), "daily": dict(self.daily)}


def bucket(salt: str, txn: Transaction) -> int:
    """Which of 1,000 equal parts of the payments one is in: a number from 0 to 999.

    The first 15 hexadecimal digits of SHA-256 over `salt:KEY` in UTF-8, as a number, modulo 1,000.
    KEY is the payment's key, which stores have, too.
    """
    key = payment_key(txn.user_id, txn.event_id, txn.event_time)
    digest = hashlib.sha256(f"{salt}:{key}".encode()).hexdigest()
    return int(digest[:_DIGITS], 16) % WHOLE
