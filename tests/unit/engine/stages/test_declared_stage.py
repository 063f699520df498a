"""Declared features settle on what the oracle says, however records interleave or jobs restart."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from risk.engine.features.feature_set import FeatureSet
from risk.engine.oracle.declared import declared
from risk.engine.oracle.features import features
from risk.engine.payment.transaction import Transaction
from risk.engine.rules.declaration import Declaration
from risk.engine.stages.base import Raw
from tests.unit.engine.features.declared.declarations import declarations
from tests.unit.engine.stages.test_oracle_stages import (
    CUTS,
    Decided,
    Run,
    differences,
    key,
    oracle,
    streams,
)


def wanted(scored: Sequence[Transaction], declared_ones: Sequence[Declaration]) -> Decided:
    by_order = declared(scored, declared_ones)
    found: Decided = {}
    for txn, values in features(scored):
        own = by_order[txn.event_time, txn.event_id, txn.user_id]
        slots = {one.slot: own[one.name] for one in declared_ones}
        found[key(txn)] = values | slots
    return found


def agree(
    raws: Sequence[Raw],
    cuts: Sequence[int],
    ones: Sequence[Declaration],
    crashes: frozenset[int] = frozenset(),
) -> None:
    judged, _ = oracle(raws)
    run = Run(raws, cuts, crashes, FeatureSet(ones))
    assert run.duplicates == sum(one.outcome == "duplicate" for one in judged)
    assert run.conflicts == sum(one.conflict for one in judged)
    late = [one.txn for one in judged if one.outcome == "late" and one.txn]
    assert run.late_values == {key(txn): wanted([txn], ones)[key(txn)] for txn in late}
    settled = wanted([one.txn for one in judged if one.outcome == "scored" and one.txn], ones)
    assert set(run.settled) == set(settled)
    for name, expected in settled.items():
        found = run.settled[name]
        assert found == expected, (name, differences(found, expected))


@settings(max_examples=120, deadline=None)
@given(streams(), CUTS, declarations())
def test_declared_features_settle_on_what_the_oracle_says(
    raws: list[Raw], cuts: list[int], ones: list[Declaration]
) -> None:
    agree(raws, cuts, ones)


@settings(max_examples=120, deadline=None)
@given(streams(), CUTS, declarations(), st.frozensets(st.integers(0, 20)))
def test_restarts_change_no_declared_feature(
    raws: list[Raw], cuts: list[int], ones: list[Declaration], crashes: frozenset[int]
) -> None:
    agree(raws, cuts, ones, crashes)
