"""What a stage sends to a shard of the next one, where they are operators of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from zlib import crc32

import msgspec

from risk.engine.stages.base import Correction, Frontier, Item

ANNOUNCE_MS = 100  # of event time: a frontier that has moved less may wait for the next items


class Parcel(msgspec.Struct, gc=False, array_like=True):
    """Events and corrections for one shard, and the sender's frontier once they are told.

    A parcel without events tells the frontier alone. Parcels of one sender keep their order. One
    with dead letters, as lines, brings nothing else, and isn't for the stages. `names` are those of
    the items' values, so far; earlier code didn't tell them.
    """

    sender: int
    frontier: int
    settle_all: bool
    items: list[Item]
    corrections: list[Correction]
    letters: list[str] = []
    all_settled: bool = False
    names: list[str] = []


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Parcel).decode


def encode(parcel: Parcel) -> str:
    """As JSON in one line."""
    return _encode(parcel).decode()


def decode(text: str) -> Parcel:
    """The parcel of a line."""
    return _decode(text)


def shard_of(key: str, shards: int) -> int:
    """The shard that a key belongs to: the same in every process and release."""
    return crc32(key.encode()) % shards


class Packer:
    """Sorts what a stage says into parcels, by the key of the next stage."""

    def __init__(
        self,
        sender: int,
        shards: int,
        item_key: Callable[[Item], str],
        fix_key: Callable[[Correction], str],
        names: Sequence[str],
    ) -> None:
        self._sender, self._shards = sender, shards
        self._item_key, self._fix_key = item_key, fix_key
        self._names = list(names)
        self._told: list[Frontier | None] = [None] * shards

    def pack(
        self, items: Iterable[Item], corrections: Sequence[Correction], frontier: Frontier
    ) -> list[tuple[int, Parcel]]:
        """(shard, parcel) for each shard that has to be told something."""
        found = [
            Parcel(
                self._sender,
                frontier.time,
                frontier.settle_all,
                [],
                [],
                all_settled=frontier.all_settled,
            )
            for _ in range(self._shards)
        ]
        for item in items:
            item.entry = None
            found[shard_of(self._item_key(item), self._shards)].items.append(item)
        for correction in corrections:
            found[shard_of(self._fix_key(correction), self._shards)].corrections.append(correction)
        sent = []
        for shard, parcel in enumerate(found):
            full = bool(parcel.items or parcel.corrections)
            if full:
                parcel.names = self._names
            if full or self._is_news(shard, frontier):
                self._told[shard] = frontier
                sent.append((shard, parcel))
        return sent

    def _is_news(self, shard: int, frontier: Frontier) -> bool:
        told = self._told[shard]
        return told is None or told[1:] != frontier[1:] or frontier.time - told.time >= ANNOUNCE_MS
