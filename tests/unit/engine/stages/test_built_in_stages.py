"""The catalogue's stages at the ends of windows, places and amounts settle on what the oracle says.

Of late payments and of those that lack fields, too, through restarts, and with more devices and
users than are told apart.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from risk.engine.features.catalogue import DAY, HISTORY, MINUTE, NAMES
from risk.engine.payment.transaction import MAX_AMOUNT, Transaction
from risk.engine.rules.declaration import STEP_DISTINCT
from tests.unit.engine.stages.test_oracle_stages import CUTS, agree, oracle
from tests.unit.streams import START, raw, transaction

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
def test_at_the_ends_of_windows_places_and_amounts(
    partitions: list[list[Transaction]], cuts: list[int], crashes: frozenset[int]
) -> None:
    # No ids in two partitions: of copies there that differ, either may be the one that counts.
    raws = [
        raw(replace(txn, event_id=f"{partition}{txn.event_id}"), offset, partition)
        for partition, txns in enumerate(partitions)
        for offset, txn in enumerate(txns)
    ]
    agree(sorted(raws, key=lambda one: (one.offset, one.partition)), cuts, crashes)


def of_one(txns: Sequence[Transaction], batch: int = 7) -> dict[str, list[object]]:
    """By name what the oracle says, and the stages with it."""
    raws = [raw(txn, offset) for offset, txn in enumerate(txns)]
    agree(raws, [batch] * (len(raws) // batch), frozenset((2, 5)))
    _, settled = oracle(raws)
    return {name: [found[name] for found in settled.values()] for name in NAMES}


@pytest.mark.parametrize("devices", [64, 65, 70])
def test_more_devices_and_countries_than_are_known(devices: int) -> None:
    countries = [f"{chr(65 + n // 26)}{chr(65 + n % 26)}" for n in range(devices)]
    found = of_one(
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
    for name in ("user_new_device", "user_new_country"):
        assert sum(map(bool, found[name])) >= devices - 1


def test_more_users_of_a_device_than_are_counted() -> None:
    found = of_one(
        [
            transaction(number, event_time=START + number * 100, user_id=f"u{number * 7 % 1_500}")
            for number in range(2_000)
        ],
        100,
    )
    assert found["device_session_users"].count(STEP_DISTINCT) > 100
