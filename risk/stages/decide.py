"""The last stage: features become a score, and a correction once they have settled otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from risk.event import Transaction
from risk.features.catalogue import FeatureValue
from risk.stages.base import Fix, Frontier, Item, Store
from risk.stages.journal import PREFIX, Journal

Id = tuple[str, str]  # user_id, event_id


class Verdict(NamedTuple):
    """An event to score: features as known now. Revision 0 is the first word on it."""

    txn: Transaction
    features: dict[str, FeatureValue]
    revision: int


class Pending(msgspec.Struct, gc=False):
    """What was last said of an event that may still change."""

    txn: Transaction
    features: dict[str, FeatureValue]
    revision: int


class Decide:
    """Says each event at once, and again when it has settled, if its features changed by then."""

    def __init__(self, store: Store) -> None:
        self._journal = Journal(store)
        self._pending: dict[Id, Pending] = {}
        self.corrections = 0
        self._load(store)

    def on_batch(
        self, items: Sequence[Item], fixes: Sequence[Fix], frontier: Frontier
    ) -> list[Verdict]:
        """What is to be said now: first words, then corrections that have become due."""
        verdicts = [Verdict(item.txn, item.features, 0) for item in items]
        if items:
            keys = [(item.txn.user_id, item.txn.event_id) for item in items]
            rows: list[Any] = []
            for key, item in zip(keys, items, strict=True):
                self._pending[key] = Pending(item.txn, item.features, 0)
                rows.append((msgspec.structs.astuple(item.txn), item.features))
            self._journal.append(max(item.txn.event_time for item in items), rows, keys)
        for fix in fixes:
            self._correct(fix, verdicts)
        for settled in self._journal.expire(frontier.time):
            for id_ in settled:
                self._pending.pop(id_, None)
        return verdicts

    def _correct(self, fix: Fix, verdicts: list[Verdict]) -> None:
        """A fix comes once its event has settled: there is nothing to wait for."""
        pending = self._pending.get((fix.user_id, fix.event_id))
        if not pending:
            return
        features = pending.features | fix.features
        if features != pending.features:
            pending.features = features
            pending.revision += 1
            self.corrections += 1
            verdicts.append(Verdict(pending.txn, features, pending.revision))

    def _load(self, store: Store) -> None:
        for name, blob in store.items():
            if not name.startswith(PREFIX):
                continue
            number = int(name.removeprefix(PREFIX))
            latest, rows = self._journal.reload(number, blob)
            keys = []
            for fields, features in rows:
                txn = Transaction(*fields)
                keys.append((txn.user_id, txn.event_id))
                self._pending[keys[-1]] = Pending(txn, features, 0)
            self._journal.held(latest, number, keys)

    def __len__(self) -> int:
        return len(self._pending)
