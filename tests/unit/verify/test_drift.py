"""Drift that was planted is found, and clean days have none."""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterable, Mapping
from functools import cache

import msgspec
import pytest

from risk.engine.features.catalogue import NAMES
from risk.engine.payment.transaction import Transaction
from risk.verify.drift import compare
from risk.verify.drift.levels import LEAST_ROWS, level, worst
from risk.verify.drift.report import Drift
from risk.verify.drift.sample import Counts, Gathering, Population, Sample, Verdicts
from tests.unit.verify.populations import Change, drop_fields, population


@cache
def reference() -> Population:
    return population(100)


def moved(change: Change) -> dict[str, Drift]:
    """What another day's traffic with a change has of drift."""
    found = compare.features(reference().sample, population(55, change).sample)
    assert {one.name for one in found} == set(NAMES)
    assert [one.psi for one in found] == sorted((one.psi or 0 for one in found), reverse=True)
    return {one.name: one for one in found if one.level != "none"}


@pytest.mark.parametrize("day", range(10))
def test_a_clean_day_has_none(day: int) -> None:
    clean = population(day)
    found = [
        *compare.features(reference().sample, clean.sample),
        compare.score(reference().sample, clean.sample),
    ]
    assert {one.name: (one.psi, one.ks) for one in found if one.level != "none"} == {}
    assert compare.decisions(reference().counts, clean.counts).level == "none"


def times(factor: int) -> Change:
    return lambda txn: msgspec.structs.replace(txn, amount=txn.amount * factor)


def test_amounts_that_doubled() -> None:
    found = moved(times(2))
    assert set(found) == {"user_amount_5m"}  # the ratio to earlier amounts stays what it was
    assert found["user_amount_5m"].level == "some"


def test_amounts_that_grew_fourfold() -> None:
    assert moved(times(4))["user_amount_5m"].level == "much"


def test_a_country_whose_share_grew() -> None:
    def abroad(txn: Transaction) -> Transaction:
        often = zlib.crc32(txn.event_id.encode()) % 10 < 3
        return msgspec.structs.replace(txn, country="BR") if often else txn

    found = moved(abroad)
    assert set(found) == {"user_new_country"}
    one = found["user_new_country"]
    assert one.level == "much"
    assert one.current_neutral < 0.9 < 0.98 < one.reference_neutral


def test_a_feed_that_lost_its_addresses() -> None:
    found = moved(drop_fields("ip"))
    assert {"ip_count_2m", "ip_users_2m"} <= set(found)
    assert found["ip_count_2m"].level == "much"
    one = found["ip_count_2m"]
    assert one.current_neutral == 1
    assert one.reference_neutral < 0.5


def sample(rows: Iterable[tuple[int, Mapping[str, float]]]) -> Sample:
    gathering = Gathering()
    for row in rows:
        gathering.add(*row)
    return gathering.sample()


def test_the_order_of_rows_does_not_matter() -> None:
    rows = [(n % 101, {"a": n % 7, "b": n / 3, "c": n % 5 == 0}) for n in range(2_000)]
    mixed = rows[:]
    random.Random(1).shuffle(mixed)
    other = sample((n % 60, {"a": n % 9, "b": n / 5, "c": n % 4 == 0}) for n in range(1_000))
    assert compare.features(sample(rows), other, {}) == compare.features(sample(mixed), other, {})
    assert compare.score(other, sample(rows)) == compare.score(other, sample(mixed))
    same = compare.features(sample(rows), sample(mixed), {})
    assert {(one.psi, one.ks, one.level) for one in same} == {(0, 0, "none")}


def test_of_too_few_nothing_is_said() -> None:
    many = sample((0, {"a": 1}) for _ in range(LEAST_ROWS))
    few = sample((100, {"a": 9}) for _ in range(LEAST_ROWS - 1))
    (one,) = compare.features(many, few, {})
    assert (one.level, one.psi, one.ks, one.current_n) == ("too few", None, None, LEAST_ROWS - 1)
    assert compare.score(few, many).level == "too few"
    counts = Counts({"ALLOW": LEAST_ROWS}), Counts({"BLOCK": LEAST_ROWS - 1}, late=5)
    decided = compare.decisions(*counts)
    assert (decided.level, decided.psi, decided.total_variation) == ("too few", None, None)


def test_a_feature_that_one_side_does_not_have_is_told_by_its_neutral_share() -> None:
    old = sample((0, {"a": n % 3}) for n in range(900))
    new = sample((0, {"a": n % 3, "b": 5}) for n in range(900))
    both = {one.name: one for one in compare.features(old, new, {})}
    assert (both["b"].level, both["b"].reference_n, both["b"].current_n) == ("too few", 0, 900)
    assert (both["b"].reference_neutral, both["b"].current_neutral) == (1, 0)
    assert both["a"].level == "none"


def test_the_neutral_value_is_what_is_said_of_nothing() -> None:
    rows = [(0, {"since": 300 if n % 4 else 20}) for n in range(800)]
    (one,) = compare.features(sample(rows), sample(rows), {"since": 300})
    assert one.reference_neutral == 0.75
    (one,) = compare.features(sample(rows), sample(rows), {})
    assert one.reference_neutral == 0


def test_decisions_by_their_shares() -> None:
    was = Counts({"ALLOW": 9_000, "REVIEW": 800, "BLOCK": 200})
    now = Counts({"ALLOW": 6_000, "REVIEW": 800, "BLOCK": 3_200})
    found = compare.decisions(was, now)
    assert found.level == "much"
    assert found.total_variation == pytest.approx(0.3)
    assert found.current == {"ALLOW": 0.6, "REVIEW": 0.08, "BLOCK": 0.32}
    assert compare.decisions(was, was).level == "none"


def test_precision_where_both_sides_know_enough() -> None:
    found = compare.precision(Verdicts(900, 80, 20), Verdicts(500, 30, 70), 86_400_000)
    assert found.apart
    assert found.reference is not None
    assert found.reference.low < 0.8 < found.reference.high
    near = compare.precision(Verdicts(900, 80, 20), Verdicts(500, 78, 22), 0)
    assert not near.apart
    few = compare.precision(Verdicts(900, 80, 20), Verdicts(500, 49, 0), 0)
    assert (few.reference, few.current, few.apart) == (None, None, False)
    assert (few.reference_verdicts, few.current_verdicts) == (100, 49)


@pytest.mark.parametrize(
    ("psi", "distance", "word"),
    [(0.09, 0.09, "none"), (0.1, 0, "some"), (0, 0.1, "some"), (0.25, 0, "much"), (0, 0.2, "much")],
)
def test_levels_by_the_size_of_the_effect(psi: float, distance: float, word: str) -> None:
    assert level(psi, distance) == word


def test_the_worst_counts() -> None:
    assert worst("none", "much", "some") == "much"
    assert worst("too few", "none") == "none"
    assert worst() == "too few"
