"""State of another catalogue of features is moved by name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from risk.engine.features.catalogue import FIRST, NAMES
from risk.engine.stages.base import Correction, Frontier, Item, MemoryStore
from risk.engine.stages.codec import pack, unpack
from risk.engine.stages.decide import Decide
from risk.engine.stages.gather import Gather
from risk.engine.stages.ip import IpStage
from risk.engine.stages.layout import LAYOUT, UNNAMED, UnknownLayout
from risk.engine.stages.parcel import Packer, decode, encode
from risk.engine.stages.user import UserStage
from tests.unit.streams import START, transaction

MINUTE = 60_000
VALUES = tuple(range(100, 100 + len(NAMES)))
# The names of another catalogue: in another order, one that is gone since, and one not there yet.
GONE, NEW = "user_gone_5m", NAMES[3]
OTHER = [GONE, *(name for name in reversed(NAMES) if name != NEW)]
MOVED = dict(zip(NAMES, VALUES, strict=True)) | {NEW: FIRST[NEW]}


def in_order(values: Sequence[Any], own: Sequence[str], names: Iterable[str]) -> list[Any]:
    """Values of `own` names as another code would have stored them."""
    by_name = dict(zip(own, values, strict=True))
    return [by_name.get(name, 9) for name in names]


def decided() -> MemoryStore:
    """What is left of three events: said; corrected; and known to be other, but not said yet."""
    store = MemoryStore()
    decide = Decide(store)
    items = [Item(transaction(n, event_time=START + n * MINUTE), VALUES) for n in range(3)]
    decide.on_batch(items, [], Frontier(START - MINUTE))
    corrections = [
        Correction("u1", f"e000{n}", START + n * MINUTE, "10.0.0.1", "d1", {NAMES[0]: 7})
        for n in (1, 2)
    ]
    decide.on_batch([], corrections, Frontier(START + MINUTE))
    return store


def held(decide: Decide) -> list[tuple[int, dict[str, Any], dict[str, Any] | None]]:
    return [(p.revision, p.features, p.known) for p in decide._pending.values()]


def under(names: list[str], store: MemoryStore) -> MemoryStore:
    """The same state as code with these features would have left it."""
    for name, blob in store.items():
        if name.startswith("journal/"):
            until, rows = unpack(blob)
            rows = [(fields, in_order(values, NAMES, names)) for fields, values in rows]
            store.put(name, pack([until, rows]))
        if name.startswith("amended/"):
            until, rows = unpack(blob)
            for row in rows:
                for at in (4, 5):
                    if row[at] is not None:
                        row[at] = {name: row[at].get(name, 9) for name in names}
            store.put(name, pack([until, rows]))
    store.put(LAYOUT, pack({"features": names}))
    return store


def test_what_waits_to_be_corrected_keeps_its_features_under_another_catalogue() -> None:
    store = under(OTHER, decided())
    wanted = [
        (0, MOVED, None),
        (1, MOVED | {NAMES[0]: 7}, None),
        (0, MOVED, MOVED | {NAMES[0]: 7}),
    ]
    for _ in range(2):  # restored, and restored from what that has left
        decide = Decide(store)
        assert held(decide) == wanted
        assert unpack(store.blobs[LAYOUT]) == {"features": list(NAMES)}
    scorables = decide.on_batch([], [], Frontier(START + 2 * MINUTE))
    assert [(v.revision, v.features.by_name()) for v in scorables] == [(1, MOVED | {NAMES[0]: 7})]


def test_state_that_names_nothing_is_of_the_last_code_that_did_not() -> None:
    store = decided()
    since = {name: FIRST[name] for name in NAMES if name not in UNNAMED["features"]}
    wanted = [(n, said | since, known and known | since) for n, said, known in held(Decide(store))]
    under(list(UNNAMED["features"]), store).delete(LAYOUT)
    assert held(Decide(store)) == wanted


def test_state_that_is_moved_for_nothing_is_not_written_again() -> None:
    store = decided()
    before = dict(store.blobs)
    Decide(store)
    assert store.blobs == before
    assert list(before).count(LAYOUT) == 1


def test_other_values_than_names_are_refused_in_plain_words() -> None:
    store = decided()
    store.put(LAYOUT, pack({"features": OTHER[1:]}))
    with pytest.raises(
        UnknownLayout, match=rf"{len(NAMES)} values stand for the names .*: start it from"
    ):
        Decide(store)


def test_what_is_on_its_way_between_shards_is_moved_by_name() -> None:
    names = UserStage.names
    other = [GONE, *reversed(names[1:])]
    packer = Packer(0, 1, lambda item: item.txn.ip, lambda one: one.ip, other)
    values = tuple(range(len(other)))
    correction = Correction("u1", "e0009", START, "10.0.0.1", "d1", {GONE: 1, names[1]: 3})
    [(_, parcel)] = packer.pack([Item(transaction(1), values)], [correction], Frontier(START))
    parcel = decode(encode(parcel))
    gather = Gather(MemoryStore(), 1, names)
    for _ in range(2):  # after a failure it is taken again
        (item,), (told,), _ = gather.take([parcel])
        assert item.values == (FIRST[names[0]], *reversed(values[1:]))
        assert told.features == {names[1]: 3}


def test_a_parcel_of_earlier_code_has_the_names_of_then() -> None:
    names = (*UserStage.names, *IpStage.names)
    old = [name for name in UNNAMED["features"] if not name.startswith("device_")]
    packer = Packer(0, 1, lambda item: item.txn.ip, lambda one: one.ip, [])
    values = tuple(range(len(old)))
    [(_, parcel)] = packer.pack([Item(transaction(1), values)], [], Frontier(START))
    (item,), _, _ = Gather(MemoryStore(), 1, names).take([parcel])
    assert dict(zip(names, item.values, strict=True)) == {
        name: values[old.index(name)] if name in old else FIRST[name] for name in names
    }


def test_state_of_codec_version_1_names_each_value() -> None:
    store = decided()
    wanted = held(Decide(store))
    for name, blob in store.items():
        if name.startswith("journal/"):
            until, rows = unpack(blob)
            rows = [(fields, dict(zip(NAMES, values, strict=True))) for fields, values in rows]
            store.put(name, b"\1" + pack([until, rows])[1:])
    store.delete(LAYOUT)
    assert held(Decide(store)) == wanted
