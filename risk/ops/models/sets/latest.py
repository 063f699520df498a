"""Of the scores of a topic those that a training set is made of: each payment's last one. Pure."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from risk.audit.moments import shown
from risk.engine.features.catalogue import FeatureValue
from risk.engine.messages import ControlGroup, Decision, Score
from risk.errors import UserError
from risk.ops.models.sets.terms import Terms

Payment = tuple[str, str, int]  # event_id, user_id, event_time in ms UTC
Position = tuple[int, int, int]  # append time, partition, offset: what orders a topic
Order = tuple[int, Position]  # the revision, and where it stands


class ScoreSource(NamedTuple):
    """Whose scores: those of a replay's `run`, of the `fingerprint`'s ruleset, or the live ones.

    `name` asks for the live ones of all versions of that ruleset.
    """

    run: str = ""
    fingerprint: str = ""
    name: str = ""

    def takes(self, score: Score) -> bool:
        """Whether a score is one of them. One by a replay is only where the replay is named."""
        if self.run:
            return score.run_id == self.run
        if self.fingerprint:
            return score.kind != "replay" and score.fingerprint == self.fingerprint
        return score.kind == "live" and self.name in ("", score.ruleset)


class Made(NamedTuple):
    """What made a score."""

    ruleset: str
    version: int
    fingerprint: str


class Held(NamedTuple):
    """What is kept of a score. Features are values in the order of `names`.

    `control` is what the ruleset's control group made of a payment that was to be blocked.
    """

    order: Order
    made: Made
    amount: int
    currency: str
    country: str
    channel: str
    source: str
    score: int
    decision: Decision
    control: ControlGroup | None
    names: tuple[str, ...]
    features: tuple[FeatureValue, ...]


class Latest:
    """Takes scores in any order, and holds the last revision of each payment in the terms' range.

    Late payments, which have no features, are counted, and so is what isn't asked for.
    """

    def __init__(self, which: ScoreSource, terms: Terms) -> None:
        self._which, self._terms = which, terms
        self._late: set[Payment] = set()
        self._shared: dict[object, object] = {}  # equal names once, not once a payment
        self.held: dict[Payment, Held] = {}
        self.others = 0

    @property
    def late(self) -> int:
        """Payments that were decided as late alone."""
        return len(self._late - self.held.keys())

    def take(self, score: Score, position: Position) -> None:
        """One more score, and where it stands."""
        if not self._terms.begin <= score.event_time < self._terms.to:
            return
        if not self._which.takes(score):
            self.others += 1
            return
        payment = score.event_id, score.user_id, score.event_time
        if score.late:
            self._late.add(payment)
            return
        made = Made(score.ruleset, score.ruleset_version, score.fingerprint)
        order = score.revision, position
        earlier = self.held.get(payment)
        if earlier is not None and _is_before(made, order, earlier):
            return
        names = tuple(score.features)
        txn = score.transaction
        self.held[payment] = Held(
            order,
            self._shared.setdefault(made, made),  # type: ignore[arg-type]
            txn.amount,
            txn.currency,
            txn.country,
            txn.channel,
            txn.source,
            score.score,
            score.decision,
            score.control_group or None,
            self._shared.setdefault(names, names),  # type: ignore[arg-type]
            tuple(score.features.values()),
        )

    def made(self) -> Made:
        """What made all of them. Raises `UserError` if nothing did, or more than one ruleset."""
        return next(iter(self.all_made()))

    def all_made(self) -> Counter[Made]:
        """What made how many of them: more than one only where versions of a ruleset are asked for.

        Raises `UserError` if nothing did, or more than what was asked for.
        """
        found = Counter(one.made for one in self.held.values())
        if len(found) == 1 or (found and self._which.name):
            return found
        span = f"from {shown(self._terms.begin)} up to {shown(self._terms.to)}"
        if found:
            told = ", ".join(
                f"{count:,} by {made.ruleset}:{made.version} ({made.fingerprint[:12]})"
                for made, count in sorted(found.items(), key=lambda one: (-one[1], one[0]))
            )
            raise UserError(
                f"payments {span} were scored by {len(found)} rulesets: {told}: name one by "
                "--ruleset, take a time of one alone, or score all of them by one: `risk replay`"
            )
        if self._late:
            raise UserError(f"all {len(self._late):,} payments {span} were late: none has features")
        if self._which.run:
            raise UserError(f"--run {self._which.run}: it scored none {span}: see `risk runs`")
        if self._which.fingerprint:
            raise UserError(
                f"--ruleset: it scored no payments {span}, live or in the shadow: `risk replay` "
                "does, and --run takes what it has scored"
            )
        raise UserError(
            f"no payments {span} have live scores: take another time, or those of a replay, --run"
        )


def _is_before(made: Made, order: Order, held: Held) -> bool:
    """Whether a score came before the one that is held.

    Revisions order those of one ruleset. Another ruleset may have decided the payment anew since.
    """
    if made == held.made:
        return order < held.order
    return order[1] < held.order[1]
