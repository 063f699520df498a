"""What a backtest says. All of it are counts and sums of payments, but for its examples."""

from __future__ import annotations

from typing import Final

import msgspec

LEVELS: Final = {"ALLOW": 0, "REVIEW": 1, "BLOCK": 2}


class Sum(msgspec.Struct):
    """So many payments, their amounts by currency in minor units, and the verdicts on them."""

    payments: int = 0
    fraud: int = 0
    legitimate: int = 0
    amounts: dict[str, int] = {}

    def take(self, amount: int, currency: str, verdict: str | None) -> None:
        """Take in a payment."""
        self.payments += 1
        self.fraud += verdict == "fraud"
        self.legitimate += verdict == "legitimate"
        self.amounts[currency] = self.amounts.get(currency, 0) + amount


class Move(msgspec.Struct):
    """Payments that go from one decision to another, or keep theirs."""

    a: str
    b: str
    sum: Sum

    @property
    def by(self) -> int:
        """How many levels: above 0 it is stricter."""
        return LEVELS[self.b] - LEVELS[self.a]


class RuleMove(msgspec.Struct):
    """How often a rule hits before and after, and what is known of the payments that it hits."""

    rule: str
    a: Sum
    b: Sum


class Example(msgspec.Struct, frozen=True):
    """A decision that changes."""

    event_id: str
    user_id: str
    event_time: int
    amount: int
    currency: str
    a_score: int
    b_score: int
    a: str
    b: str
    verdict: str | None


class Report(msgspec.Struct):
    """A draft, `b`, beside the ruleset in the folder, `a`, on the same stored features.

    `held` payments are in the span, `tried` were drawn from them, and `incomplete` of those lack a
    feature that is read, so they are left out. Of those that `a` has decided live, `known`, `agree`
    have the decision that was made then. Examples aren't kept.
    """

    a_fingerprint: str
    b_fingerprint: str
    days: int
    held: int
    tried: int
    incomplete: int
    known: int
    agree: int
    first: int | None
    last: int | None
    missing: list[str]
    moves: list[Move]
    rules: list[RuleMove]
    examples: list[Example] = []

    @property
    def compared(self) -> int:
        """The payments that both have decided."""
        return self.tried - self.incomplete

    @property
    def flips(self) -> list[Move]:
        """The moves that change something, the most first."""
        found = [move for move in self.moves if move.by]
        return sorted(found, key=lambda move: (-move.sum.payments, move.a, move.b))

    def flagged(self, stricter: bool) -> Sum:
        """Payments that are flagged only by the draft, or only without it."""
        found = Sum()
        for move in self.moves:
            newly, no_more = move.a == "ALLOW" != move.b, move.b == "ALLOW" != move.a
            if newly if stricter else no_more:
                found.payments += move.sum.payments
                found.fraud += move.sum.fraud
                found.legitimate += move.sum.legitimate
                for currency, amount in move.sum.amounts.items():
                    found.amounts[currency] = found.amounts.get(currency, 0) + amount
        return found
