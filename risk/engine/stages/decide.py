"""The last stage: features become a score, and a correction once they have settled otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from msgspec.structs import astuple

from risk.engine.features.catalogue import FeatureValue
from risk.engine.features.feature_set import BUILT_IN, FeatureSet
from risk.engine.payment.transaction import Transaction
from risk.engine.stages.base import Correction, Frontier, Item, Store
from risk.engine.stages.codec import pack, unpack
from risk.engine.stages.emission import LIVE, Emission, Scorable
from risk.engine.stages.journal import PREFIX, Journal
from risk.engine.stages.layout import LAYOUT, take_up
from risk.engine.stages.pending import Pending, pack_row

AMENDED = "amended/"
EARLY = -1  # in place of a revision: what is known of an event that is still to come
LABELS = "labels"  # [number, label]: whose the batches from that number on are
OWNER = "owner"  # the run that emitted what is kept, where it began from the state of another

Id = tuple[str, str, int]  # user_id, event_id, event_time: an id may come again, much later


def _id(item: Item) -> Id:
    """Of the objects that the stages hold anyway, if they do in this process."""
    if entry := item.entry:
        return entry.user_id, entry.event_id, entry.time
    return item.txn.user_id, item.txn.event_id, item.txn.event_time


def _fields_now(kept: list[Any]) -> list[Any]:
    """A transaction's fields as they stand now: earlier code had its version in front of them."""
    return [*kept[1:], kept[0]] if isinstance(kept[0], int) else kept


class Decide:
    """Emits each event at once, and again when it has settled, if its features changed by then.

    Where the stages before work apart, a settled event's new features come piece by piece: they
    are gathered until the frontier says that no more will come. Where there are stages of declared
    keys among these, corrections take other ways than their event, and may come before it.
    """

    def __init__(
        self, store: Store, emission: Emission = LIVE, features: FeatureSet = BUILT_IN
    ) -> None:
        self._store, self._emission, self._features = store, emission, features
        self._emitted = Journal(store)
        self._amended = Journal(store, AMENDED)
        self._pending: dict[Id, Pending] = {}
        self._waiting: dict[Id, Pending] = {}  # those of which more is known than was emitted
        self._early: dict[Id, dict[str, FeatureValue]] = {}  # known of events that are to come
        self.corrections = 0
        self._load(store)

    def on_batch(
        self, items: Sequence[Item], corrections: Sequence[Correction], frontier: Frontier
    ) -> list[Scorable]:
        """What is to be emitted now: first emissions, then corrections that have become due."""
        label, settled_only, _ = self._emission
        make = self._features.make
        scorables = [
            Scorable(item.txn, make(*item.values), 0, label, item.late)
            for item in items
            if not item.suppressed and (item.late or not settled_only)
        ]
        items = [item for item in items if not (item.suppressed or item.late)]
        if items:
            until = max([item.txn.event_time for item in items])
            keys = [_id(item) for item in items]
            emitted = not settled_only
            rows = [pack_row((astuple(item.txn), item.values)) for item in items]
            for key, row in zip(keys, rows, strict=True):
                self._pending[key] = Pending(row, until, label, emitted, self._features)
            self._emitted.append(until, [msgspec.Raw(row) for row in rows], keys)
        if corrections or self._waiting or self._early:
            self._correct(corrections, frontier, scorables)
        for settled in self._emitted.expire(frontier.time):
            for id_ in settled:
                gone = self._pending.pop(id_, None)
                if gone and not gone.emitted:
                    scorables.append(gone.scorable())
        if settled_only and frontier.settle_all:
            for pending in self._pending.values():
                if not pending.emitted:
                    pending.emitted = True
                    scorables.append(pending.scorable())
        for _ in self._amended.expire(frontier.time):
            pass
        return scorables

    def _correct(
        self, corrections: Sequence[Correction], frontier: Frontier, scorables: list[Scorable]
    ) -> None:
        """Emit what has settled and differs.

        What waits and what is emitted is stored: a restored job would not get it again, or emit
        it twice.
        """
        touched = self._take_early(frontier)
        early: set[Id] = set()
        for correction in corrections:
            id_ = correction.user_id, correction.event_id, correction.event_time
            pending = self._pending.get(id_)
            if pending:
                pending.known = (pending.known or pending.features) | correction.features
                self._waiting[id_] = touched[id_] = pending
            elif self._features.keys and id_[2] > frontier.time:
                self._early[id_] = self._early.get(id_, {}) | correction.features
                early.add(id_)
        for id_, pending in list(self._waiting.items()):
            if id_[2] > frontier.settled:
                continue
            del self._waiting[id_]
            assert pending.known is not None
            before = pending.features
            if pending.known != before:
                pending.changed = pending.known
                if pending.emitted:  # else there is nothing yet that it would differ from
                    differs = [name for name, v in pending.known.items() if v != before[name]]
                    pending.differs = frozenset(differs)
                    pending.revision += 1
                    self.corrections += 1
                    scorables.append(pending.scorable())
            pending.known = None
            touched[id_] = pending
        # What is about to be forgotten, or is as it was first emitted, needs no entry.
        rows = [
            (*id_, p.revision, p.features, p.known)
            for id_, p in touched.items()
            if p.until > frontier.time and (p.revision or p.known is not None or not p.emitted)
        ]
        untils = [self._pending[row[0], row[1], row[2]].until for row in rows]
        rows += [(*id_, EARLY, {}, self._early[id_]) for id_ in early]
        untils += [id_[2] for id_ in early]
        if rows:
            self._amended.append(max(untils), rows, [])

    def _take_early(self, frontier: Frontier) -> dict[Id, Pending]:
        """The events that have come by now of which something was known before."""
        touched: dict[Id, Pending] = {}
        for id_, known in list(self._early.items()):
            pending = self._pending.get(id_)
            if pending:
                pending.known = (pending.known or pending.features) | known
                self._waiting[id_] = touched[id_] = pending
            if pending or id_[2] <= frontier.time:
                del self._early[id_]
        return touched

    def _own(self, store: Store) -> Iterator[tuple[str, bytes]]:
        """What is stored, but for what is another run's to correct: that is removed."""
        kept, apart = list(store.items()), self._emission.apart
        if not apart or (OWNER, apart.encode()) in kept:
            yield from kept
            return
        store.put(OWNER, apart.encode())
        for name, blob in kept:
            if name == LAYOUT:
                yield name, blob
            elif name != OWNER:
                store.delete(name)

    def _load(self, store: Store) -> None:
        emitted: list[tuple[int, bytes]] = []
        amended: list[tuple[int, bytes]] = []
        labels: list[tuple[int, str]] = []
        layout: bytes | None = None
        for name, blob in self._own(store):
            if name == LAYOUT:
                layout = blob
            if name == LABELS:
                labels = [(number, label) for number, label in unpack(blob)]
            for prefix, found in ((PREFIX, emitted), (AMENDED, amended)):
                if name.startswith(prefix):
                    found.append((int(name.removeprefix(prefix)), blob))
        own, settled_only, _ = self._emission
        move = take_up(store, layout, {"features": self._features.first})["features"]
        for number, blob in sorted(emitted):
            until, rows = self._emitted.reload(number, blob)
            label = next((label for first, label in reversed(labels) if first <= number), own)
            keys, moved = [], []
            for kept, values in rows:
                fields = _fields_now(kept)
                txn = Transaction(*fields)
                if isinstance(values, dict):  # by codec version 1
                    values = list(move.named(values).values())
                elif move.needed:
                    values = move(values)
                moved.append((fields, values))
                keys.append((txn.user_id, txn.event_id, txn.event_time))
                self._pending[keys[-1]] = Pending(
                    pack_row((fields, values)),
                    until,
                    label,
                    not settled_only or label != own,
                    self._features,
                )
            self._emitted.restore(until, number, keys)
            if move.needed:
                self._emitted.rewrite(number, until, moved)
        if emitted and labels:  # a number that a batch of another label had is not given again
            self._emitted.begin_at(labels[-1][0])
        self._note_label(labels if emitted else [])
        for number, blob in sorted(amended):
            until, rows = self._amended.reload(number, blob)
            self._amended.restore(until, number, [])
            for user_id, event_id, event_time, revision, features, known in rows:
                id_ = user_id, event_id, event_time
                self._early.pop(id_, None)
                if revision == EARLY:
                    self._early[id_] = {n: v for n, v in known.items() if n in self._features.first}
                    continue
                pending = self._pending.get(id_)
                if pending is None:
                    continue
                pending.revision, pending.changed = revision, move.named(features)
                pending.known = None if known is None else move.named(known)
                self._waiting.pop(id_, None)
                if known is not None:
                    self._waiting[id_] = pending

    def _note_label(self, labels: list[tuple[int, str]]) -> None:
        """Store whose the batches from now on are. `labels` say it of those that are kept."""
        own = self._emission.label
        if own and (not labels or labels[-1][1] != own):
            self._store.put(LABELS, pack([*labels, (self._emitted.next, own)]))

    def __len__(self) -> int:
        return len(self._pending)
