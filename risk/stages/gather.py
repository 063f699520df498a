"""The frontier of a stage that several shards of the stage before send to."""

from __future__ import annotations

from collections.abc import Sequence

from risk.stages.base import Fix, Frontier, Item, Store
from risk.stages.codec import pack, unpack
from risk.stages.parcel import Parcel

SENDERS = "senders"


class Gather:
    """Keeps each sender's frontier. The stage's own is the least of those that don't rest.

    A sender not heard of yet holds it back: nothing is known of what it will send.
    """

    def __init__(self, store: Store, senders: int) -> None:
        self._store = store
        self._told: dict[int, tuple[int, bool]] = dict.fromkeys(range(senders), (-1, False))
        self._frontier = -1
        for name, blob in store.items():
            if name == SENDERS:
                self._frontier, told = unpack(blob)
                self._told.update({sender: (time, rests) for sender, (time, rests) in told.items()})

    def take(self, parcels: Sequence[Parcel]) -> tuple[list[Item], list[Fix], Frontier]:
        """All items, all fixes, and the frontier once they are taken in."""
        items: list[Item] = []
        fixes: list[Fix] = []
        for parcel in parcels:
            items += parcel.items
            fixes += parcel.fixes
            self._told[parcel.sender] = parcel.frontier, parcel.settle_all
        awake = [time for time, rests in self._told.values() if not rests]
        if awake:
            self._frontier = max(self._frontier, min(awake))
        self._store.put(SENDERS, pack([self._frontier, self._told]))
        return items, fixes, Frontier(self._frontier, settle_all=not awake)
