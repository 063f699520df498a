"""When a run emits, and what: events to score, under which rulesets."""

from __future__ import annotations

from typing import Final, NamedTuple

from risk.engine.features.named import Features
from risk.engine.payment.transaction import Transaction


class Emission(NamedTuple):
    """Under which rulesets a run emits decisions, and when.

    `label` names the rulesets; empty: there is only one. With `settled_only` an event is emitted
    once, when nothing can change it any more: nobody waits for a replay's first decisions, and its
    settled ones don't depend on how partitions interleave.

    `apart` names a run that begins from the state of another, which goes on: what that has emitted
    it corrects itself.
    """

    label: str = ""
    settled_only: bool = False
    apart: str = ""


LIVE: Final = Emission()


class Scorable(NamedTuple):
    """An event to score: features as known now. Revision 0 is its first emission. A late event is
    never corrected.

    `label` is that of the run that emitted revision 0: a correction is emitted under the same
    rulesets, though the job may meanwhile go on under another.
    """

    txn: Transaction
    features: Features
    revision: int
    label: str = ""
    late: bool = False
    changed: frozenset[str] = frozenset()  # of a correction: the slots of features that differ
