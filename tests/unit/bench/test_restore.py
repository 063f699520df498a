"""What sizes of state that were restored come to."""

from __future__ import annotations

import argparse

import pytest

from risk.bench.restore import AT_KEYS, KEYS_EACH, Restored, extrapolate, filling
from risk.cli.benchmarks.restore import sizes
from risk.engine.payment.transaction import decode


def restored(keys: int, reading_s: float, slot_s: float = 10.0) -> Restored:
    running, decided = slot_s + reading_s / 2, slot_s + reading_s
    return Restored(keys, keys // 3, keys * 200, keys, 900.0, 5.0, slot_s, running, decided)


def test_two_sizes_tell_what_a_million_costs_and_what_is_always_there() -> None:
    found = extrapolate([restored(1_000_000, 5.0), restored(3_000_000, 9.0)])
    assert (found.s_per_million, found.fixed_s) == (2.0, 13.0)
    assert found.at_keys == AT_KEYS == 50_000_000
    assert found.at_s == 113.0
    assert (found.bytes_per_million, found.at_bytes) == (200_000_000, 10_000_000_000)


def test_one_size_is_taken_by_proportion() -> None:
    found = extrapolate([restored(500_000, 4.0)])
    assert (found.s_per_million, found.fixed_s, found.at_s) == (8.0, 10.0, 410.0)


def test_a_busy_machine_does_not_make_keys_cheaper_than_nothing() -> None:
    found = extrapolate([restored(500_000, 9.0), restored(1_000_000, 4.0)])
    assert found.s_per_million == 4.0
    assert found.at_s > 200


def test_nothing_follows_from_no_size() -> None:
    with pytest.raises(ValueError, match="no size"):
        extrapolate([])


def test_each_payment_brings_keys_of_its_own() -> None:
    found = [decode(record.value, record.key) for record in filling(500)]
    assert len(found) == 500
    keys = {key for txn in found for key in (txn.user_id, txn.device_id, txn.ip)}
    assert len(keys) == 500 * KEYS_EACH


def test_sizes_are_read_in_order() -> None:
    assert sizes("5000000,500000,500000") == (500_000, 5_000_000)
    for wrong in ("", "1", "5e6", "500000,"):
        with pytest.raises(argparse.ArgumentTypeError):
            sizes(wrong)
