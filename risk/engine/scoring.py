"""Features and a ruleset into a score, a decision and reasons."""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import UNSET, UnsetType

from risk.engine.features.named import Features
from risk.engine.messages import ControlGroup, Decision, Models, ModelScore, Reason
from risk.engine.models.scored import UNSCORED, Scored
from risk.engine.payment.transaction import Transaction
from risk.engine.rules import Ruleset

MAX_SCORE: Final = 100


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """What a ruleset says about one event: score 0..100; reasons by points, then by rule id.

    `models` is unset for a ruleset that has none, and `control_group` where nothing was to be
    blocked, or the ruleset releases nothing.
    """

    score: int
    decision: Decision
    reasons: tuple[Reason, ...]
    models: Models = UNSET
    control_group: ControlGroup | UnsetType = UNSET


CLEAR: Final = Outcome(0, "ALLOW", ())


def score(
    ruleset: Ruleset,
    features: Features,
    txn: Transaction,
    late: bool = False,
    scored: Scored | None = None,
) -> Outcome:
    """Score one event: the points of the rules that hit, at most 100. A pure function.

    `scored` is what the ruleset's models say of it, where that is known already. A payment that is
    to be blocked may be released: the score stays, and one more reason says so.
    """
    found = judge(ruleset, features, txn, late, scored)
    if ruleset.release is None or found.decision != "BLOCK":
        return found
    return released(found, ruleset, ruleset.release.word(features, txn, late))


def released(found: Outcome, ruleset: Ruleset, word: ControlGroup) -> Outcome:
    """What becomes of an outcome of BLOCK by the word of the ruleset's control group."""
    if not word.released:
        return msgspec.structs.replace(found, control_group=word)
    assert ruleset.release is not None
    reasons = (*found.reasons, ruleset.release.reason(ruleset.version))
    return Outcome(found.score, "ALLOW", reasons, found.models, word)


def judge(
    ruleset: Ruleset,
    features: Features,
    txn: Transaction,
    late: bool = False,
    scored: Scored | None = None,
) -> Outcome:
    """The same, before anything is released."""
    if scored is None:
        scored = ruleset.scored([(features, txn)])[0] if ruleset.models else UNSCORED
    found = ruleset.hits(features, txn, late, scored.scores)
    models: Models = UNSET
    if ruleset.models:
        models = {
            name: ModelScore(
                number, scored.contributions(name) if found else (), *scored.decided(name)
            )
            for name, number in scored.scores.items()
        }
    if not found:
        return CLEAR if models is UNSET else Outcome(0, "ALLOW", (), models)
    rules = [ruleset.rules[index] for index in found]
    total = min(MAX_SCORE, sum(rule.points for rule in rules))
    return Outcome(
        total,
        decide(ruleset, total),
        tuple(
            Reason(
                rule.id,
                rule.version,
                rule.points,
                rule.reason.render(features, txn, late, scored),
            )
            for rule in rules
        ),
        models,
    )


def decide(ruleset: Ruleset, total: int) -> Decision:
    """The decision for a score; a threshold itself belongs to what is above it."""
    if total >= ruleset.block:
        return "BLOCK"
    return "REVIEW" if total >= ruleset.review else "ALLOW"
