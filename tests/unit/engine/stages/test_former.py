"""State of the stages whose features were classes written by hand is taken up, value by value.

`tests/data/state-v3.json.gz` holds records, and what the last code with these classes had kept of
them in memory stores after so many: payments of fifty days by twenty users, with duplicates,
stragglers and late ones, several currencies, and more devices than are told apart.
"""

from __future__ import annotations

import gzip
import json
from base64 import b64decode
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from risk.engine import exact
from risk.engine.features.catalogue import DAY
from risk.engine.features.entry import Position
from risk.engine.stages.base import Frontier, Item, MemoryStore, Raw, Store
from risk.engine.stages.codec import pack, unpack
from risk.engine.stages.device import DeviceStage
from risk.engine.stages.emission import Scorable
from risk.engine.stages.fused import Fused
from risk.engine.stages.layout import LAYOUT, UnknownLayout
from risk.engine.stages.sharded import USER
from risk.engine.stages.user import UserStage
from tests.unit.engine.stages.test_oracle_stages import Decided, Stores, key, oracle
from tests.unit.streams import START, quiet, reading, transaction

FILE: Final = Path(__file__).parents[3] / "data" / "state-v3.json.gz"
STATES: Final = range(6)
MINUTE: Final = 60_000


@cache
def former() -> Any:
    return json.loads(gzip.decompress(FILE.read_bytes()))


@cache
def records() -> tuple[list[Raw], Decided]:
    """All of them, and what the oracle says of those that are scored."""
    raws = [
        Raw(partition, offset, appended, b64decode(own), b64decode(value))
        for partition, offset, appended, own, value in former()["records"]
    ]
    return raws, oracle(raws)[1]


def state(number: int) -> tuple[int, Stores]:
    """How many records were read, and what was kept of them."""
    found = former()["states"][number]
    stores = Stores()
    for name, blobs in found["stores"].items():
        for own, blob in blobs.items():
            stores(name).put(own, b64decode(blob))
    return found["read"], stores


def run(stores: Callable[[str], Store], raws: list[Raw], batch: int, restart: int) -> Decided:
    """The last word on each event of which there is one, with a restart every so many batches."""
    said: list[Scorable] = []
    fused = Fused(stores, reading(range(2)))
    for number, start in enumerate(range(0, len(raws), batch)):
        if restart and number % restart == 0:
            fused = Fused(stores, reading(range(2)))
        said += fused.on_batch(raws[start : start + batch]).scorables
    said += fused.on_idle(quiet(range(2))).scorables
    assert fused.behind_frontier == 0
    return {key(one.txn): one.features.by_name() for one in said if not one.late}


@pytest.mark.parametrize("number", STATES)
@pytest.mark.parametrize(("batch", "restart"), [(1, 0), (7, 1), (1_000, 1)])
def test_what_comes_afterwards_settles_on_what_the_oracle_says(
    number: int, batch: int, restart: int
) -> None:
    raws, settled = records()
    read, stores = state(number)
    found = run(stores, raws[read:], batch, restart)
    places = {(one.partition, one.offset) for one in raws[read:]}
    later = {
        key(one.txn)
        for one in oracle(raws)[0]
        if one.outcome == "scored"
        and one.txn
        and (one.record.partition, one.record.offset) in places
    }
    assert set(found) >= later
    for name, values in found.items():
        assert values == settled[name], name


@pytest.mark.parametrize("number", STATES)
def test_what_was_taken_up_is_kept_as_it_is_now(number: int) -> None:
    _, stores = state(number)
    Fused(stores, reading(range(2)))
    before = {name: dict(store.blobs) for name, store in stores.items()}
    assert [*unpack(stores["user"].blobs[LAYOUT])] == ["features", "by currency"]
    assert [*unpack(stores["device"].blobs[LAYOUT])] == ["features"]
    Fused(stores, reading(range(2)))
    assert {name: dict(store.blobs) for name, store in stores.items()} == before


def base(upto: Position, *parts: Any) -> bytes:
    return b"\3" + exact.encode((upto, parts))


UPTO: Final[Position] = (START, "e1", "u1")
TODAY: Final = START // DAY


def values(store: MemoryStore, **changes: Any) -> dict[str, Any]:
    """The features of a user's payment two minutes after what is kept of them."""
    item = Item(transaction(2, event_time=START + 2 * MINUTE, **changes))
    UserStage(store).on_batch([item], [], Frontier(START))
    return dict(zip(USER, item.values, strict=True))


def test_a_profile_is_moved_by_the_names_that_are_told() -> None:
    """Of other parts, in another order, and without devices."""
    store = MemoryStore()
    days = [[TODAY - 29, "EUR", 1, 500], [TODAY, "EUR", 1, 1_500]]
    store.put("base/u1", base(UPTO, 9, [["DE", START]], days, [START, 52.5, 13.4], START))
    told = ["other", "countries", "days", "place", "last"]
    store.put(LAYOUT, pack({"profile": told}))
    found = values(store, country="FR", amount=2_000, lat=52.5, lon=13.4)
    assert found["user_new_country"]
    assert not found["user_new_device"]  # where no device is known, none is new
    assert found["user_history_count"] == 2
    assert found["user_amount_ratio"] == 2.0


def test_the_first_code_named_no_parts_and_knew_a_place_at_zero_zero() -> None:
    store = MemoryStore()
    uses, days = [["d1", START]], [[TODAY, "USD", 2, 500], [TODAY, "EUR", 1, 500]]
    store.put("base/u1", base(UPTO, START, [START, 0.0, 0.0], uses, [], days))
    found = values(store, device_id="d2", currency="USD", amount=500, lat=52.5, lon=13.4)
    assert found["user_new_device"]
    assert found["user_distance_km"] == 0.0
    assert found["user_history_count"] == 2
    assert found["user_amount_ratio"] == 2.0


def test_a_session_is_moved_by_the_names_that_are_told() -> None:
    store = MemoryStore()
    parts = [["u1", "u7"], 2, START, START - MINUTE, 9]
    store.put("rested/0", b"\3" + pack([START, [["d1", base(UPTO, *parts)]]])[1:])
    store.put(LAYOUT, pack({"session": ["users", "events", "last", "start", "other"]}))
    for _ in range(2):
        device = DeviceStage(store)
    item = Item(transaction(3, user_id="u9", event_time=START + MINUTE))
    device.on_batch([item], [], Frontier(START + MINUTE))
    assert item.values == (2 * MINUTE, 3, 3)


def test_other_values_than_names_are_refused_in_plain_words() -> None:
    store = MemoryStore()
    store.put("base/u1", base(UPTO, START))
    with pytest.raises(UnknownLayout, match=r"1 values stand for the names last, place, .*: start"):
        UserStage(store)
