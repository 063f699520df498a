"""The past of keys without recent events: to where it reaches, and the fold of what was.

Each key's past is a blob of its own, or, where it is over soon, in a blob with others that go
together: to remove each on its own would cost a call a key.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable

from risk.engine.features.entry import Position
from risk.engine.stages.base import Store
from risk.engine.stages.codec import move_saved, pack_saved, unpack_saved, upto_of
from risk.engine.stages.journal import Journal
from risk.engine.stages.layout import Moves

BASE = "base/"
RESTED = "rested/"
PREFIXES = (BASE, RESTED)

Saved = tuple[str, Position, bytes]  # key, to where its past reaches, the timeline's base


class Past:
    """Pasts by key, each kept for `retention_ms` after its last event."""

    def __init__(self, store: Store, retention_ms: int, in_batches: bool, bucket_ms: int) -> None:
        self._store, self._retention_ms = store, retention_ms
        self._bucket_ms = bucket_ms
        self._batches = Journal(store, RESTED) if in_batches else None
        self._bases: dict[str, bytes] = {}  # the very objects that timelines hold
        self._now = -1  # the bucket of the frontier when it was last looked what is over
        self._until: defaultdict[int, list[str]] = defaultdict(list)  # bucket -> keys to look at

    def get(self, key: str) -> bytes | None:
        """The base of a key's timeline; None if it has no past."""
        return self._bases.get(key)

    def put(self, saved: Iterable[Saved], frontier: int, awake: Container[str]) -> None:
        """Keep these pasts, and forget those that are over. Those `awake` are needed still."""
        if self._batches is None:
            self._put_each(saved, frontier, awake)
        else:
            self._put_together(self._batches, saved, frontier, awake)

    def _put_each(self, saved: Iterable[Saved], frontier: int, awake: Container[str]) -> None:
        for key, upto, base in saved:
            if key not in self._bases:
                self._note(key, upto[0])
            self._bases[key] = base
            self._store.put(BASE + key, pack_saved(base))
        now = frontier // self._bucket_ms
        if now == self._now:
            return
        self._now = now
        for bucket in [bucket for bucket in self._until if bucket < now]:
            for key in self._until.pop(bucket):
                if self._end(key, (bucket + 1) * self._bucket_ms - 1, awake):
                    self._store.delete(BASE + key)
                elif key in self._bases:  # since then it was saved again, or is awake
                    self._note(key, upto_of(self._bases[key])[0], now)

    def _put_together(
        self, batches: Journal, saved: Iterable[Saved], frontier: int, awake: Container[str]
    ) -> None:
        rows: list[tuple[str, bytes]] = []
        latest = -1
        for key, upto, base in saved:
            self._bases[key] = base
            rows.append((key, pack_saved(base)))
            if upto[0] > latest:
                latest = upto[0]
        bases, horizon = self._bases, frontier - self._retention_ms
        for ended in batches.expire(horizon):
            for key in ended:
                known = bases.get(key)
                if known is None or upto_of(known)[0] > horizon:
                    continue  # it was saved again since
                if key not in awake:
                    del bases[key]
                else:  # for so long: another of its events is of much later
                    rows.append((key, pack_saved(known)))
                    latest = max(latest, frontier)
        if rows:
            batches.append(latest, rows, [key for key, _ in rows])

    def load(self, found: Iterable[tuple[str, bytes]], move: Moves) -> None:
        """Take up what an earlier run left: entries of the store with one of `PREFIXES`.

        Folds that have to be moved are written again.
        """
        batches: list[tuple[int, bytes]] = []
        apart: list[Saved] = []  # of which this code wants a batch
        for name, blob in found:
            if name.startswith(RESTED):
                batches.append((int(name.removeprefix(RESTED)), blob))
                continue
            key = name.removeprefix(BASE)
            self._bases[key] = base = _base(blob, move)
            if self._batches is not None:
                self._store.delete(name)
                apart.append((key, upto_of(base), base))
                continue
            if move.needed:
                self._store.put(name, pack_saved(base))
            self._note(key, upto_of(base)[0])
        for number, blob in sorted(batches):  # of one key the last counts
            self._load_batch(number, blob, move)
        if self._batches is not None and apart:
            rows = [(key, pack_saved(base)) for key, _, base in apart]
            latest = max(upto[0] for _, upto, _ in apart)
            self._batches.append(latest, rows, [key for key, _ in rows])

    def _load_batch(self, number: int, blob: bytes, move: Moves) -> None:
        batches = Journal(self._store, RESTED) if self._batches is None else self._batches
        latest, rows = batches.reload(number, blob)
        bases = {key: _base(base, move) for key, base in rows}
        if self._batches is None:  # each in a blob of its own from now on
            self._store.delete(f"{RESTED}{number}")
            for key, base in bases.items():
                if key not in self._bases:
                    self._note(key, upto_of(base)[0])
                self._store.put(BASE + key, pack_saved(base))
        else:
            batches.restore(latest, number, list(bases))
            if move.needed:
                moved = [(key, pack_saved(base)) for key, base in bases.items()]
                batches.rewrite(number, latest, moved)
        self._bases.update(bases)

    def __len__(self) -> int:
        return len(self._bases)

    def _note(self, key: str, upto: int, earliest: int = 0) -> None:
        """Look at a key, whose last event was at `upto`, once its rest may be over.

        Each key is noted once, however often it is saved.
        """
        bucket = (upto + self._retention_ms) // self._bucket_ms
        self._until[max(bucket, earliest)].append(key)

    def _end(self, key: str, time: int, awake: Container[str]) -> bool:
        """Forget a key for good, unless it was saved again since, or is awake and will be."""
        base = self._bases.get(key)
        if base is None or key in awake:
            return False
        if upto_of(base)[0] + self._retention_ms > time:
            return False
        del self._bases[key]
        return True


def _base(blob: bytes, move: Moves) -> bytes:
    """The base in a blob, its fold as it is dumped now."""
    base = unpack_saved(blob)
    return move_saved(base, move) if move.needed else base
