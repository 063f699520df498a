"""The frontier of a stage that several shards of the stage before send to."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from risk.stages.base import Fix, Frontier, Item, Store
from risk.stages.codec import pack, unpack
from risk.stages.parcel import Parcel

SENDERS = "senders"


class Gather:
    """Keeps each sender's frontier. The stage's own is the least of those that don't rest.

    A sender not heard of yet holds it back, as nothing is known of what it will send, unless it is
    one of the `silent`, which had nothing to read when all began.
    """

    def __init__(self, store: Store, senders: int, silent: Collection[int] = ()) -> None:
        self._store = store
        self._told: dict[int, tuple[int, bool]] = {s: (-1, s in silent) for s in range(senders)}
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

    @property
    def all_rest(self) -> bool:
        """Whether every sender has told all there is."""
        return all(rests for _, rests in self._told.values())
