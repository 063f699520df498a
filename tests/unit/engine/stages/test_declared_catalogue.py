"""The catalogue's features as docs/examples/catalogue declares them: the same values everywhere.

In first emissions and in corrections, of late payments and of those that lack fields, through
restarts and with more devices, users and money than are told apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risk.engine.features.catalogue import DAY, HISTORY, MINUTE, NAMES
from risk.engine.features.feature_set import FeatureSet
from risk.engine.payment.transaction import MAX_AMOUNT, Transaction
from risk.engine.stages.base import Raw
from risk.engine.stages.emission import Scorable
from risk.ops.ruleset_folder import read_folder
from risk.paths import ROOT
from tests.unit.engine.stages.test_oracle_stages import CUTS, Run, streams
from tests.unit.streams import START, raw, transaction

RULESET: Final = read_folder(ROOT / "docs" / "examples" / "catalogue")
FEATURES: Final = FeatureSet(RULESET.features)


class Twins(Run):
    """A run that compares the values of all that is emitted."""

    emitted = corrected = 0

    def _note(self, scorables: Sequence[Scorable]) -> None:
        for one in scorables:
            found = RULESET.own(one.features).by_name()
            declared = {name: found[f"{name}_declared"] for name in NAMES}
            expected = {name: found[name] for name in NAMES}
            assert declared == expected, (one.txn, one.revision)
            assert [*map(type, declared.values())] == [*map(type, expected.values())]
            self.emitted += 1
            self.corrected += one.revision > 0
        super()._note(scorables)


def agree(raws: Sequence[Raw], cuts: Sequence[int], crashes: frozenset[int] = frozenset()) -> Twins:
    return Twins(raws, cuts, crashes, FEATURES)


def of_one(txns: Sequence[Transaction], batch: int = 7) -> Twins:
    raws = [raw(txn, offset) for offset, txn in enumerate(txns)]
    return agree(raws, [batch] * (len(raws) // batch), frozenset((2, 5)))


def test_each_feature_of_the_catalogue_is_declared() -> None:
    assert {one.name for one in RULESET.features} == {f"{name}_declared" for name in NAMES}
    for one in RULESET.features:
        assert one.first == FEATURES.first[one.name.removesuffix("_declared")]


@settings(max_examples=150, deadline=None)
@given(streams(), CUTS)
def test_declared_and_built_in_features_are_equal(raws: list[Raw], cuts: list[int]) -> None:
    agree(raws, cuts)


@settings(max_examples=150, deadline=None)
@given(streams(), CUTS, st.frozensets(st.integers(0, 20)))
def test_they_are_equal_whatever_restarts(
    raws: list[Raw], cuts: list[int], crashes: frozenset[int]
) -> None:
    agree(raws, cuts, crashes)


PLACES = ((None, None), (0.0, 0.0), (0.0, 1e-9), (52.5, 13.4), (-90.0, 180.0), (90.0, -180.0))
ADDRESSES = ("", "10.0.0.1", "2001:db8:0:1::1", "2001:db8:0:1:ffff::", "2001:db8:0:2::1")
PAUSES = (0, 1, 60_000, 2 * MINUTE, 5 * MINUTE, 30 * MINUTE, 30 * MINUTE + 1, DAY, HISTORY)
AMOUNTS = (0, 1, 2, 200, 2_000, 10_000, 100_000, 100_100, MAX_AMOUNT)


@st.composite
def edges(draw: st.DrawFn) -> list[Transaction]:
    """Payments of two users and devices at the ends of windows, places and amounts."""
    found: list[Transaction] = []
    clock = START
    for number in range(draw(st.integers(1, 30))):
        clock += draw(st.sampled_from(PAUSES)) - draw(st.sampled_from((0, 0, 0, 1, 29_000)))
        lat, lon = draw(st.sampled_from(PLACES))
        found.append(
            transaction(
                number,
                event_time=clock,
                user_id=draw(st.sampled_from(("u1", "u2"))),
                device_id=draw(st.sampled_from(("", "d1", "d2"))),
                country=draw(st.sampled_from(("", "DE", "FR"))),
                merchant_id=draw(st.sampled_from(("", "m1", "m2"))),
                ip=draw(st.sampled_from(ADDRESSES)),
                amount=draw(st.sampled_from(AMOUNTS)),
                currency=draw(st.sampled_from(("EUR", "JPY", "KWD", "XXX"))),
                lat=lat,
                lon=lon,
            )
        )
    return found


@settings(max_examples=150, deadline=None)
@given(st.lists(edges(), min_size=2, max_size=2), CUTS, st.frozensets(st.integers(0, 20)))
def test_they_are_equal_at_the_ends_of_windows_places_and_amounts(
    partitions: list[list[Transaction]], cuts: list[int], crashes: frozenset[int]
) -> None:
    raws = [
        raw(txn, offset, partition)
        for partition, txns in enumerate(partitions)
        for offset, txn in enumerate(txns)
    ]
    agree(sorted(raws, key=lambda one: (one.offset, one.partition)), cuts, crashes)


@pytest.mark.parametrize("devices", [64, 65, 70])
def test_they_are_equal_with_more_devices_and_countries_than_are_known(devices: int) -> None:
    countries = [f"{chr(65 + n // 26)}{chr(65 + n % 26)}" for n in range(devices)]
    run = of_one(
        [
            transaction(
                number,
                event_time=START + number * 10_000 - (number * 17_919) % 25_000,
                device_id=f"d{number * 11 % devices}",
                country=countries[number % devices],
            )
            for number in range(3 * devices)
        ]
    )
    assert run.emitted > 3 * devices
    assert run.corrected


def test_they_are_equal_with_more_users_of_a_device_than_are_counted() -> None:
    run = of_one(
        [
            transaction(number, event_time=START + number * 100, user_id=f"u{number * 7 % 1_500}")
            for number in range(2_000)
        ],
        100,
    )
    assert run.emitted == 2_000
    counted = [found["device_session_users"] for found in run.settled.values()]
    assert max(counted) == 1_024


def test_they_are_equal_with_more_money_than_64_bits_hold() -> None:
    txns = [
        transaction(number, event_id=f"e{number:05d}", event_time=START + number, amount=MAX_AMOUNT)
        for number in range(9_300)
    ]
    run = of_one(txns, 500)
    assert max(found["user_amount_5m"] for found in run.settled.values()) == 2**63 - 1
