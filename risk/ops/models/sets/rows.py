"""From scores and feedback to the rows of a training set. Pure: no clock, no file, no topic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from risk.engine.features.catalogue import FeatureValue
from risk.engine.feedback import Logged, Verdict
from risk.engine.models.inputs import FIELDS, LEAST, MOST
from risk.engine.payment.transaction import Transaction
from risk.errors import UserError
from risk.ops.models.sets.labels import Known, history
from risk.ops.models.sets.latest import Held, Payment
from risk.ops.models.sets.manifest import Counts, SetInput
from risk.ops.models.sets.promises import NOT_KNOWN, Promised, keep
from risk.ops.models.sets.terms import Terms
from risk.ops.models.sets.weights import counts as control_counts
from risk.ops.models.sets.weights import weight


class Row(NamedTuple):
    """A payment as scoring saw it, and what was known of it. Times in ms UTC.

    `known_at` is since when the verdict holds; `earlier` are other verdicts that held before it.
    `weight` is how much it counts: 1, but for what a control group has a part in. `inputs` are
    values in the order of the set's inputs.
    """

    event_id: str
    user_id: str
    event_time: int
    currency: str
    country: str
    channel: str
    source: str
    score: int
    decision: str
    verdict: Verdict | None
    known_at: int | None
    earlier: tuple[Known, ...]
    weight: float
    inputs: tuple[FeatureValue, ...]


class Rows(NamedTuple):
    """All rows, by time, user and event; and their counts."""

    rows: list[Row]
    counts: Counts


def rows_of(
    held: Mapping[Payment, Held],
    feedback: Mapping[Payment, Sequence[Logged]],
    inputs: Sequence[SetInput],
    terms: Terms,
    left_out: Mapping[str, int],
) -> Rows:
    """The set of these scores. `left_out` are counts of what was left out before.

    Payments too young to have an outcome are left out. Raises `UserError`, naming the payment, if
    a score lacks an input, or if anything comes from the future.
    """
    found: list[Row] = []
    taken: list[Held] = []
    young = 0
    for payment in sorted(held, key=lambda one: (one[2], one[1], one[0])):
        if payment[2] + terms.mature > terms.as_of:
            young += 1
            continue
        *earlier, known = history(feedback.get(payment, ()), terms.as_of) or (None,)
        one = held[payment]
        taken.append(one)
        found.append(
            Row(
                *payment,
                currency=one.currency,
                country=one.country,
                channel=one.channel,
                source=one.source,
                score=one.score,
                decision=one.decision,
                verdict=known and known.verdict,
                known_at=known and known.known_at,
                earlier=tuple(one for one in earlier if one),
                weight=weight(one.control, known.verdict if known else None),
                inputs=_inputs(payment, one, inputs),
            )
        )
    keep(promised(found), terms)
    labels = [row.verdict for row in found]
    counts = Counts(
        len(found),
        labels.count("fraud"),
        labels.count("legitimate"),
        labels.count(None),
        sum(row.verdict is None and row.decision == "BLOCK" for row in found),
        {**left_out, "not_mature": young},
        control_counts(one.control for one in taken),
    )
    return Rows(found, counts)


def promised(rows: Sequence[Row]) -> Promised:
    """What the promises are about."""
    times = np.array([row.event_time for row in rows], np.int64)
    known = (NOT_KNOWN if row.known_at is None else row.known_at for row in rows)
    return Promised(
        [row.event_id for row in rows],
        [row.user_id for row in rows],
        times,
        [row.verdict for row in rows],
        np.fromiter(known, np.int64, len(rows)),
        [row.earlier for row in rows],
    )


class Feedback(NamedTuple):
    """Feedback by payment; `others` are messages on payments that aren't asked for."""

    found: dict[Payment, list[Logged]]
    others: int


def by_payment(logged: Iterable[Logged], wanted: Mapping[Payment, object]) -> Feedback:
    """Feedback on these payments, and how many messages are on others."""
    found: dict[Payment, list[Logged]] = {}
    others = 0
    for one in logged:
        if one.feedback.payment in wanted:
            found.setdefault(one.feedback.payment, []).append(one)
        else:
            others += 1
    return Feedback(found, others)


def _inputs(payment: Payment, held: Held, inputs: Sequence[SetInput]) -> tuple[FeatureValue, ...]:
    event_id, user_id, event_time = payment
    txn = Transaction(event_id, user_id, event_time, held.amount, held.currency)
    values = dict(zip(held.names, held.features, strict=True))
    found: list[FeatureValue] = []
    for one in inputs:
        if one.field:
            value = FIELDS[one.field].read(txn)
        elif one.feature in values:
            value = values[one.feature]
        else:
            raise UserError(f"event {event_id} of user {user_id}: its score has no {one.feature}")
        found.append(_typed(one, value, payment))
    return tuple(found)


def _typed(one: SetInput, value: FeatureValue, payment: Payment) -> FeatureValue:
    """JSON has one kind of number: what is whole may stand for a fraction."""
    if one.type == "float" and type(value) in (int, float):
        return float(value)
    if one.type == "bool" and type(value) is bool:
        return value
    if one.type == "int" and type(value) is not bool and value % 1 == 0 and LEAST <= value <= MOST:
        return int(value)
    event_id, user_id, _ = payment
    name = one.column.input.name
    raise UserError(f"event {event_id} of user {user_id}: {name} is {value}: it is no {one.type}")
