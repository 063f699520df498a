"""Features and a ruleset into a score, a decision and reasons."""

from __future__ import annotations

from typing import Final

import msgspec

from risk.engine.features.named import Features
from risk.engine.messages import Decision, Reason
from risk.engine.payment.transaction import Transaction
from risk.engine.rules import Ruleset

MAX_SCORE: Final = 100


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """What a ruleset says about one event: score 0..100; reasons by points, then by rule id."""

    score: int
    decision: Decision
    reasons: tuple[Reason, ...]


CLEAR: Final = Outcome(0, "ALLOW", ())


def score(ruleset: Ruleset, features: Features, txn: Transaction, late: bool = False) -> Outcome:
    """Score one event: the points of the rules that hit, at most 100. A pure function."""
    found = ruleset.hits(features, txn, late)
    if not found:
        return CLEAR
    rules = [ruleset.rules[index] for index in found]
    total = min(MAX_SCORE, sum(rule.points for rule in rules))
    return Outcome(
        total,
        decide(ruleset, total),
        tuple(
            Reason(rule.id, rule.version, rule.points, rule.reason.render(features, txn, late))
            for rule in rules
        ),
    )


def decide(ruleset: Ruleset, total: int) -> Decision:
    """The decision for a score; a threshold itself belongs to what is above it."""
    if total >= ruleset.block:
        return "BLOCK"
    return "REVIEW" if total >= ruleset.review else "ALLOW"
