"""The settled score of one payment, out of those that share something with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from msgspec.structs import replace

from risk.config.settings import Scoring
from risk.engine.feedback import Logged
from risk.engine.messages import masked
from risk.engine.oracle.expected import EventKey, Settled, all_features, alone, key, outcome_of
from risk.engine.oracle.models import Walker
from risk.engine.oracle.outcomes import Judged
from risk.engine.oracle.reading import key_of
from risk.engine.oracle.verdicts import known
from risk.engine.payment import addresses
from risk.engine.payment.transaction import Transaction
from risk.engine.rules import Ruleset
from risk.engine.rules.declaration import named_by


def sharing(txn: Transaction, ruleset: Ruleset) -> Callable[[Transaction], bool]:
    """Whether another payment may be in a feature of this one: it shares one of the keys.

    Cards are told apart by what is left of them when they are masked: some payments too many don't
    matter, as a feature looks for its own key among them.
    """
    own = {(one.key, key_of(one, _bare(txn))) for one in ruleset.features}
    user, device = txn.user_id, txn.device_id
    host = addresses.key(txn.ip) if txn.ip else ""

    def shares(other: Transaction) -> bool:
        if other.user_id == user or (device and other.device_id == device):
            return True
        if host and other.ip and addresses.key(other.ip) == host:
            return True
        if not own:
            return False
        bare = _bare(other)
        return any((one.key, key_of(one, bare)) in own for one in ruleset.features)

    return shares


def settled(
    judged: Sequence[Judged],
    wanted: EventKey,
    ruleset: Ruleset,
    scoring: Scoring,
    feedback: Iterable[Logged] = (),
) -> Settled | None:
    """Its score as it has to be, out of records that `sharing` has let through, in their order.

    None if it isn't among them, or was rejected. One that was scored comes before one that is late.
    """
    texts = {name: model.text for name, model in ruleset.models.items()}
    walker = Walker(texts, ruleset.rollouts, ruleset.asked)
    found = [one for one in judged if one.txn is not None and key(one.txn) == wanted]
    place = next((one for one in found if one.outcome == "scored"), None)
    if place is None:
        late = next((one for one in found if one.outcome == "late"), None)
        return alone(late, late.txn, ruleset, walker) if late and late.txn else None
    scored = [one.txn for one in judged if one.outcome == "scored" and one.txn]
    counted = any(one.of_verdicts for one in ruleset.features)
    verdicts = known(scored, feedback, scoring) if counted else []
    make = named_by(ruleset.features)
    for txn, features in all_features(scored, ruleset, verdicts):
        if key(txn) == wanted:
            decide = partial(outcome_of, ruleset, walker, make, features, txn)
            position = place.record.partition, place.record.offset
            appended = place.record.append_time
            return Settled(txn, features, decide, position, appended=appended)
    return None


def _bare(txn: Transaction) -> Transaction:
    return replace(txn, card_token=masked(txn).card_token)
