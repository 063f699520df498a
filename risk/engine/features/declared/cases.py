"""Runs the tests that declared features have in their files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from risk.engine.features.catalogue import FeatureValue
from risk.engine.features.declared import payments
from risk.engine.features.declared.compiler import compile_key
from risk.engine.features.declared.entries import Entries
from risk.engine.features.entry import Entry
from risk.engine.features.shape import Shape
from risk.engine.features.timeline import Timeline
from risk.engine.payment.transaction import Transaction
from risk.engine.rules.cases import neutral_payment
from risk.engine.rules.declaration import Declaration
from risk.engine.rules.featurecases import FeatureCase


class FeatureResult(NamedTuple):
    """How a feature's test went: `value` is what came out."""

    feature: Declaration
    case: FeatureCase
    value: FeatureValue

    @property
    def passed(self) -> bool:
        """Whether it came out as expected."""
        return self.value == self.case.value


def run_feature_cases(
    features: Iterable[tuple[Declaration, tuple[FeatureCase, ...]]],
) -> Iterator[FeatureResult]:
    """Run every feature's tests, each feature on its own."""
    for one, cases in features:
        for case in cases:
            yield FeatureResult(one, case, _last_value(one, case))


def _last_value(one: Declaration, case: FeatureCase) -> FeatureValue:
    code = compile_key([one])
    key, entries = payments.key(code.key), Entries(code.remembered)
    shape = Shape(code.fold, code.windows)
    timelines: dict[str, Timeline] = {}

    def insert(own: str, entry: Entry) -> FeatureValue:
        (value,) = timelines.setdefault(own, Timeline(own, shape)).insert(entry)
        return value

    value = one.unkeyed
    for number, payment in enumerate(case.payments):
        txn: Transaction = neutral_payment(number, payment.time, payment.given, payment.without)
        own = key(txn)
        value = insert(own, entries.payment(txn)) if own else one.unkeyed
        if own and payment.verdict and one.of_verdicts:
            insert(own, entries.verdict(txn, payment.verdict, txn.event_time + payment.counts_in))
    return value
