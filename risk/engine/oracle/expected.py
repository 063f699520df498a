"""What must stand in every output once a stream of records has settled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

import msgspec

from risk.config.settings import Scoring
from risk.engine.features.catalogue import FeatureValue
from risk.engine.features.named import Features
from risk.engine.feedback import Logged
from risk.engine.oracle import control_group
from risk.engine.oracle.declared import declared
from risk.engine.oracle.features import features
from risk.engine.oracle.models import Walker
from risk.engine.oracle.outcomes import NOTHING, Consumed, Judged, Position, outcomes
from risk.engine.oracle.reading import order
from risk.engine.oracle.verdicts import Known, known, of_verdicts
from risk.engine.payment.contract import NOTHING as NO_KINDS
from risk.engine.payment.contract import Kind
from risk.engine.payment.transaction import Transaction
from risk.engine.rules import Ruleset
from risk.engine.rules.declaration import named_by
from risk.engine.scoring import Outcome, judge, released

EventKey = tuple[str, str, int]


class Settled:
    """A scored event's settled score, and the partition and offset that it was read from.

    `appended` is when its record was, by the broker's clock, ms UTC. The outcome is worked out when
    it is asked for: of what another ruleset decided nobody asks, and models take their time.
    """

    __slots__ = ("_decide", "_outcome", "appended", "features", "late", "position", "txn")

    def __init__(
        self,
        txn: Transaction,
        features: dict[str, FeatureValue],
        decide: Callable[[], Outcome],
        position: Position,
        late: bool = False,
        appended: int = 0,
    ) -> None:
        self.txn, self.features, self.position = txn, features, position
        self.late, self.appended = late, appended
        self._decide = decide
        self._outcome: Outcome | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Settled) and self._all() == other._all()

    __hash__ = None  # type: ignore[assignment]  # as of anything that holds a dict

    def _all(self) -> tuple[object, ...]:
        return self.txn, self.features, self.outcome, self.position, self.late, self.appended

    @property
    def outcome(self) -> Outcome:
        """What the ruleset makes of it."""
        if self._outcome is None:
            self._outcome = self._decide()
        return self._outcome


class Expected(msgspec.Struct):
    """All of it. `scores` and `late_scores` are by (event_id, user_id, event_time).

    A late payment has a decision of its own. If the very same payment was scored before, or comes
    in time in another partition, a store keeps the scored one.
    """

    scores: dict[EventKey, Settled]
    late_scores: dict[EventKey, Settled]
    late: list[Judged]
    rejected: list[Judged]
    duplicate: int
    conflicts: int
    declared: Mapping[str, Kind] = NO_KINDS  # the ruleset's attributes
    oldest: int = 0  # the least event time of all scored, ms UTC

    @property
    def rows(self) -> dict[EventKey, Settled]:
        """What a store that forgets nothing holds."""
        return {**self.late_scores, **self.scores}

    @property
    def events(self) -> int:
        """How many records there were."""
        return len(self.scores) + len(self.late) + len(self.rejected) + self.duplicate

    @property
    def rejected_by_reason(self) -> dict[str, int]:
        """How many records were rejected for each reason, by name of the reason."""
        return dict(sorted(Counter(judged.reason for judged in self.rejected).items()))


def key(txn: Transaction) -> EventKey:
    """A scored event's key."""
    return txn.event_id, txn.user_id, txn.event_time


def expected(
    records: Iterable[Consumed],
    ruleset: Ruleset,
    scoring: Scoring,
    recorded: Mapping[Position, int] = NOTHING,
    feedback: Iterable[Logged] = (),
) -> Expected:
    """What a ruleset makes of these records: each partition's in the order of its offsets.

    `recorded` is what risk.late alone tells, see `outcomes`. `feedback` is the log of verdicts, as
    far as they count: without those that came too late. It is read only if a feature counts them.
    """
    judged = list(outcomes(records, scoring, recorded, ruleset.contract))
    read = {key(one.txn): one.record for one in judged if one.outcome == "scored" and one.txn}
    late = [one for one in judged if one.outcome == "late"]
    make = named_by(ruleset.features)
    texts = {name: model.text for name, model in ruleset.models.items()}
    walker = Walker(texts, ruleset.rollouts, ruleset.asked)
    scored = [one.txn for one in judged if one.outcome == "scored" and one.txn]
    counted = any(one.of_verdicts for one in ruleset.features)
    verdicts = known(scored, feedback, scoring) if counted else []
    return Expected(
        {
            key(txn): Settled(
                txn,
                found,
                partial(outcome_of, ruleset, walker, make, found, txn),
                (read[key(txn)].partition, read[key(txn)].offset),
                appended=read[key(txn)].append_time,
            )
            for txn, found in all_features(scored, ruleset, verdicts)
        },
        {key(one.txn): alone(one, one.txn, ruleset, walker) for one in late if one.txn},
        late,
        [one for one in judged if one.outcome == "rejected"],
        sum(one.outcome == "duplicate" for one in judged),
        sum(one.conflict for one in judged),
        ruleset.declared,
        min((txn.event_time for txn in scored), default=0),
    )


def all_features(
    scored: Sequence[Transaction], ruleset: Ruleset, verdicts: Sequence[Known] = ()
) -> Iterator[tuple[Transaction, dict[str, FeatureValue]]]:
    """Each scored event with the catalogue's features and those that the ruleset declares."""
    if not ruleset.features:
        yield from features(scored)
        return
    of_payments = [one for one in ruleset.features if not one.of_verdicts]
    counted = [one for one in ruleset.features if one.of_verdicts]
    own = declared(scored, of_payments)
    judged = of_verdicts(scored, counted, verdicts)
    for txn, found in features(scored):
        more = own[order(txn)] | judged[order(txn)]
        yield txn, found | {one.name: more[one.name] for one in ruleset.features}


def alone(judged: Judged, txn: Transaction, ruleset: Ruleset, walker: Walker) -> Settled:
    """A late payment: as if it were the only one that there is."""
    ((_, found),) = all_features([txn], ruleset)
    make = named_by(ruleset.features)
    decide = partial(outcome_of, ruleset, walker, make, found, txn, late=True)
    position = judged.record.partition, judged.record.offset
    return Settled(txn, found, decide, position, True, judged.record.append_time)


def outcome_of(
    ruleset: Ruleset,
    walker: Walker,
    make: Callable[..., Features],
    found: Mapping[str, FeatureValue],
    txn: Transaction,
    late: bool = False,
) -> Outcome:
    """What the ruleset says, with what it releases; it reads the features `found` as `make` has
    them.
    """
    outcome = judge(ruleset, make(**found), txn, late, walker.scores_of(found, txn))
    if ruleset.release is None or outcome.decision != "BLOCK":
        return outcome
    return released(outcome, ruleset, control_group.word(ruleset.release, found, txn, late))
