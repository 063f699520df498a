"""The frontier of a stage that several shards of the stage before send to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from risk.engine.features.catalogue import FIRST, FeatureValue
from risk.engine.stages.base import Correction, Frontier, Item, Store
from risk.engine.stages.codec import pack, unpack
from risk.engine.stages.layout import UNNAMED, Move
from risk.engine.stages.parcel import Parcel

SENDERS = "senders"


class Gather:
    """Keeps each sender's frontier. The stage's own is the least of those that haven't ended.

    A sender not heard of yet holds it back, as nothing is known of what it will send. `names` are
    those of the values that items come with, and `first` has what all are where nothing is known.
    """

    def __init__(
        self,
        store: Store,
        senders: int,
        names: Sequence[str],
        first: Mapping[str, FeatureValue] = FIRST,
    ) -> None:
        self._store, self._first = store, first
        self._names = list(names)
        self._told = {sender: Frontier(-1) for sender in range(senders)}
        self._frontier = -1
        for name, blob in store.items():
            if name == SENDERS:
                self._frontier, told = unpack(blob)
                self._told.update(
                    {sender: Frontier(*frontier) for sender, frontier in told.items()}
                )

    def take(self, parcels: Sequence[Parcel]) -> tuple[list[Item], list[Correction], Frontier]:
        """All items, all fixes, and the frontier once they are taken in."""
        items: list[Item] = []
        corrections: list[Correction] = []
        for parcel in parcels:
            if parcel.names != self._names and (parcel.items or parcel.corrections):
                self._move(parcel)
            items += parcel.items
            corrections += parcel.corrections
            if parcel.frontier >= self._told[parcel.sender].time:  # else it says nothing of it
                frontier = Frontier(parcel.frontier, parcel.settle_all, parcel.all_settled)
                self._told[parcel.sender] = frontier
        going_on = [told.time for told in self._told.values() if not told.settle_all]
        if going_on:
            self._frontier = max(self._frontier, min(going_on))
        self._store.put(SENDERS, pack([self._frontier, self._told]))
        return items, corrections, Frontier(self._frontier, not going_on, self.all_settled)

    def _move(self, parcel: Parcel) -> None:
        """What was on its way when the job was stopped may be of another catalogue."""
        now = {name: self._first[name] for name in self._names}
        for item in parcel.items:
            if item.verdict is not None:
                continue
            there = parcel.names or UNNAMED["features"][: len(item.values)]
            item.values = tuple(Move("features", there, now)(item.values))
        for correction in parcel.corrections:
            features = correction.features.items()
            correction.features = {name: value for name, value in features if name in self._first}
        parcel.names = self._names  # it may be taken again, after a failure

    @property
    def all_settled(self) -> bool:
        """Whether nothing is left to wait for: no sender has anything that hasn't settled."""
        return all(told.settle_all or told.all_settled for told in self._told.values())
