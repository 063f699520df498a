"""What the stage of a declared key keeps is taken up by name, whatever else is declared since."""

from __future__ import annotations

from typing import Any, cast

import pytest

from risk.engine.features.catalogue import DAY, HOUR, MINUTE, FeatureValue
from risk.engine.features.declared.compiler import compile_key
from risk.engine.features.declared.entries import Entries
from risk.engine.features.feature_set import FeatureSet
from risk.engine.features.timeline import Timeline
from risk.engine.rules.declaration import Declaration
from risk.engine.stages.base import Frontier, Item, MemoryStore
from risk.engine.stages.codec import pack, unpack
from risk.engine.stages.declared import DeclaredStage, DeclaredStages
from risk.engine.stages.layout import LAYOUT, UnknownLayout
from tests.unit.engine.stages.test_oracle_stages import Stores
from tests.unit.streams import START, transaction

USER, CURRENCY = ("user_id",), ("user_id", "currency")
COUNT = Declaration("count", CURRENCY, "count", window=30 * DAY, step=DAY)
SUM = Declaration("sum", CURRENCY, "sum", "amount", window=30 * DAY, step=DAY)
RECENT = Declaration("recent", CURRENCY, "sum", "amount", window=5 * MINUTE)
DISTINCT = Declaration("distinct", USER, "distinct", "merchant_id", window=7 * DAY, step=HOUR)
LEAST = Declaration("least", USER, "min", "amount", window=7 * DAY, step=HOUR)
WEEK = Declaration("week", USER, "count", window=7 * DAY, step=HOUR)
SESSION = Declaration("session", USER, "count", session=30 * MINUTE)


class Kept:
    """The stage of a key, which may start anew from what it has stored, with other features."""

    def __init__(self, *ones: Declaration) -> None:
        self.store, self._number = MemoryStore(), 0
        self.start(*ones)

    def start(self, *ones: Declaration) -> None:
        """With these features."""
        self.stage = DeclaredStage(self.store, compile_key(ones))

    def paid(self, at: int, amount: int = 1, **fields: str) -> dict[str, FeatureValue]:
        """The features by name of a payment so many ms after the start, which settles at once."""
        self._number += 1
        txn = transaction(self._number, event_time=START + at, amount=amount, **fields)
        item = Item(txn)
        self.stage.on_batch([item], [], Frontier(START + at))
        return {
            one.name: value
            for one, value in zip(self.stage.code.features, item.values, strict=True)
        }

    def rest(self, until: int) -> None:
        """Nothing comes: what is awake is folded, and goes to sleep."""
        self.stage.on_batch([], [], Frontier(START + until))


def test_what_is_by_currency_is_computed_with_the_rest_of_its_key() -> None:
    ones = (COUNT, RECENT, SESSION, Declaration("all", ("currency",), "count", window=MINUTE))
    assert [code.key for code in FeatureSet(ones).keys] == [("currency",), USER]


def test_currencies_are_counted_apart_while_others_are_counted_together() -> None:
    kept = Kept(COUNT, SUM, RECENT, DISTINCT)
    kept.paid(0, 5, currency="EUR", merchant_id="m1")
    kept.paid(1, 7, currency="USD", merchant_id="m2")
    kept.rest(20 * MINUTE)
    found = kept.paid(HOUR, 2, currency="EUR", merchant_id="m3")
    assert found == {"count": 2, "sum": 7, "recent": 2, "distinct": 3}


def test_a_currency_that_is_over_is_forgotten_with_the_next_new_one() -> None:
    code = compile_key([COUNT])
    assert code.fold
    entries, fold = Entries(code.remembered), cast(Any, code.fold())

    def known(at: int, currency: str) -> list[str]:
        fold.count(entries.payment(transaction(1, event_time=START + at, currency=currency)))
        return [*fold.other_currencies, fold.latest_currency.currency]

    assert known(0, "EUR") == ["EUR"]
    assert known(30 * DAY, "USD") == ["EUR", "USD"]
    assert known(30 * DAY + 1, "JPY") == ["USD", "JPY"]


@pytest.mark.parametrize("awake", [True, False])
def test_a_feature_that_is_added_leaves_those_there_are_their_past(awake: bool) -> None:
    kept = Kept(COUNT, DISTINCT)
    for at in (0, MINUTE, DAY):
        kept.paid(at, 5, merchant_id=f"m{at}")
    kept.rest(DAY + (MINUTE if awake else HOUR))
    kept.start(COUNT, SUM, DISTINCT, LEAST, SESSION)
    found = kept.paid(2 * DAY, 7)
    assert found == {"count": 4, "distinct": 4, "sum": 7, "least": 7, "session": 1}
    kept.rest(3 * DAY)
    kept.start(SUM)
    kept.start(SUM, COUNT)
    assert kept.paid(3 * DAY, 7) == {"sum": 14, "count": 1}


def test_a_sum_that_is_added_in_the_middle_of_a_step_is_whole_in_the_next() -> None:
    kept = Kept(DISTINCT)
    kept.paid(0)
    kept.rest(10 * MINUTE)
    kept.start(DISTINCT, WEEK)
    assert kept.paid(11 * MINUTE)["week"] == 1
    assert kept.paid(2 * HOUR)["week"] == 2
    assert kept.paid(7 * DAY - HOUR)["week"] == 3
    assert kept.paid(7 * DAY)["week"] == 3  # the first of them is over
    assert kept.paid(7 * DAY + 2 * HOUR)["week"] == 3


def test_a_key_that_is_remembered_for_longer_keeps_what_was_stored_in_batches() -> None:
    kept = Kept(SESSION)
    kept.paid(0)
    kept.rest(10 * MINUTE)
    assert [name for name in kept.store.blobs if name.startswith("rested/")]
    kept.start(SESSION, LEAST)
    assert not [name for name in kept.store.blobs if name.startswith("rested/")]
    assert kept.paid(11 * MINUTE)["session"] == 2
    kept.rest(20 * MINUTE)
    kept.start(SESSION)
    assert not [name for name in kept.store.blobs if name.startswith("base/")]
    assert kept.paid(21 * MINUTE)["session"] == 3


@pytest.mark.parametrize("key", ["user_id", "device_id", "ip", "merchant_id", "currency"])
def test_entries_have_what_they_are_counted_under_after_a_restart(key: str) -> None:
    one = Declaration("own", (key,), "distinct", key, window=5 * MINUTE)
    kept = Kept(one)
    paid = dict.fromkeys(("user_id", "device_id", "merchant_id"), "") | {key: "k"}
    same = paid | {"ip": "2001:db8:0:1::1", "currency": "EUR"}
    assert kept.paid(0, 1, **same)["own"] == 1
    kept.start(one)
    other = same | {"ip": "2001:db8:0:1::2"}
    assert kept.paid(MINUTE, 1, **other)["own"] == (2 if key == "ip" else 1)
    kept.start(one)
    [held] = kept.stage.some()
    assert isinstance(held, Timeline)
    assert [bool(getattr(entry, key)) for entry in held.entries] == [True, True]


def test_state_that_tells_of_other_things_is_refused_in_plain_words() -> None:
    kept = Kept(COUNT)
    kept.paid(0)
    kept.store.put(LAYOUT, pack({"fold": unpack(kept.store.blobs[LAYOUT])["features"]}))
    with pytest.raises(UnknownLayout, match=r"state of fold: earlier code wrote it .*: start it"):
        kept.start(COUNT)


def test_entries_that_dont_say_what_they_hold_are_refused() -> None:
    kept = Kept(RECENT)
    kept.store.put(
        "journal/0", pack([START, [["", ["amount"]], ["u1", [START, "e1", "u1", None, 0, 5]]]])
    )
    with pytest.raises(UnknownLayout, match="state of key user_id: earlier code"):
        kept.start(RECENT)


def test_what_a_key_with_a_currency_had_kept_on_its_own_is_refused() -> None:
    stores = Stores()
    stores("key user_id+currency").put("journal/0", pack([START, []]))
    with pytest.raises(UnknownLayout, match=r"state of key user_id\+currency: earlier code"):
        DeclaredStages(stores, FeatureSet([COUNT]).keys)
