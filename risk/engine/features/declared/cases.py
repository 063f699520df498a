"""Runs the tests that declared features have in their files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from risk.engine.features.catalogue import FeatureValue
from risk.engine.features.declared import payments
from risk.engine.features.declared.compiler import compile_key, entry_type
from risk.engine.features.shape import SeveralWindows
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
    key, flags = payments.key(code.key), payments.flags(code.conditions)
    fields = [payments.field(name) for name in code.fields]
    entry: Any = entry_type(code.fields)
    timelines: dict[str, Timeline] = {}
    value = one.neutral
    for number, (time, given) in enumerate(case.payments):
        txn: Transaction = neutral_payment(number, time, given)
        own = key(txn)
        if not own:
            value = one.neutral
            continue
        found = entry(
            txn.event_time,
            txn.event_id,
            txn.user_id,
            txn.device_id or None,
            flags(txn),
            *[read(txn) for read in fields],
        )
        timeline = timelines.setdefault(own, Timeline(own, SeveralWindows(code.fold, code.windows)))
        (value,) = timeline.insert(found)
    return value
