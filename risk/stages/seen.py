"""The payments that a partition remembers, so that their copies are told from new ones.

A payment takes up 28 bytes: a hash of 128 bits in place of its ids, until when it is remembered,
and a checksum of its content. The newest are in a dict; the others in sorted arrays, in which all
payments of a batch are looked up at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from risk.stages.base import Store
from risk.stages.journal import Journal

RECENT: Final = 8_192  # payments in the dict, some 200 bytes each
SIMILAR: Final = 4  # arrays of about one size that are merged into one
DIGEST: Final = 16

# As it is stored and held: the two halves of the hash, until (ms UTC), checksum.
ROW: Final = np.dtype([("high", ">u8"), ("low", ">u8"), ("until", "<i8"), ("content", "<u4")])
Rows = npt.NDArray[np.void]


class First(NamedTuple):
    """The first payment of its ids: remembered while its partition's mark is up to `until`."""

    until: int
    content: int


class _Run(NamedTuple):
    """Remembered payments, sorted by the first half of their hash."""

    high: npt.NDArray[np.uint64]
    low: npt.NDArray[np.uint64]
    until: npt.NDArray[np.int64]
    content: npt.NDArray[np.uint32]
    latest: int  # until when the last of them is remembered


def digest(user_id: str, event_id: str) -> bytes:
    """16 bytes that stand for a payment's ids."""
    user = user_id.encode()
    return blake2b(b"%d:%b%b" % (len(user), user, event_id.encode()), digest_size=DIGEST).digest()


class Seen:
    """What one partition remembers. `mark` is the partition's, in ms UTC."""

    def __init__(self, store: Store, prefix: str) -> None:
        self._journal = Journal(store, prefix)
        self._recent: dict[bytes, First] = {}
        self._runs: list[_Run] = []
        self._older: dict[bytes, First] = {}
        self._added: list[tuple[bytes, First]] = []

    def load(self, found: Iterable[tuple[int, bytes]]) -> None:
        """Take up what was stored: the journal's blobs, with their numbers."""
        parts: list[Rows] = []
        for number, blob in sorted(found):
            latest, rows = self._journal.reload(number, blob)
            self._journal.held(latest, number, [])
            parts += [np.frombuffer(packed, ROW) for packed in rows]
        if parts:
            self._runs = [_sorted(np.concatenate(parts))]

    def prepare(self, digests: Sequence[bytes]) -> None:
        """A batch of payments with these hashes is about to be looked up."""
        self._older = {}
        if not self._runs:
            return
        wanted = np.frombuffer(b"".join(digests), dtype=">u8").reshape(-1, 2)
        high = wanted[:, 0].astype(np.uint64)
        for run in self._runs:
            at = np.searchsorted(run.high, high)
            np.minimum(at, len(run.high) - 1, out=at)
            for index in np.flatnonzero(run.high[at] == high).tolist():
                self._note_older(run, int(at[index]), digests[index])

    def first(self, key: bytes, mark: int) -> First | None:
        """The payment that has this hash, if it is still remembered; else None."""
        for found in (self._recent.get(key), self._older.get(key)):
            if found is not None and mark <= found.until:
                return found
        return None

    def add(self, key: bytes, first: First) -> None:
        """Remember a payment."""
        self._recent[key] = first
        self._added.append((key, first))

    def save(self, mark: int) -> None:
        """Store what a batch has added, and drop what is no longer remembered."""
        if added := self._added:
            rows = np.empty(len(added), ROW)
            hashes = np.frombuffer(b"".join([key for key, _ in added]), ">u8").reshape(-1, 2)
            rows["high"], rows["low"] = hashes[:, 0], hashes[:, 1]
            rows["until"] = [first.until for _, first in added]
            rows["content"] = [first.content for _, first in added]
            latest = max([first.until for _, first in added])
            self._journal.append(latest, [rows.tobytes()], [])
            self._added = []
        for _ in self._journal.expire(mark - 1):
            pass
        if len(self._recent) >= RECENT:
            self._seal(mark)

    def __len__(self) -> int:
        return len(self._recent) + sum(len(run.high) for run in self._runs)

    @property
    def bytes_held(self) -> int:
        """What the arrays take up."""
        return sum(column.nbytes for run in self._runs for column in run[:4])

    def _note_older(self, run: _Run, index: int, key: bytes) -> None:
        """The payment of that hash at or after `index`, unless a later one is known."""
        high, low = int.from_bytes(key[:8]), int.from_bytes(key[8:])
        while index < len(run.high) and int(run.high[index]) == high:
            if int(run.low[index]) == low:
                found = First(int(run.until[index]), int(run.content[index]))
                known = self._older.get(key)
                if known is None or known.until < found.until:
                    self._older[key] = found
            index += 1

    def _seal(self, mark: int) -> None:
        """Move the dict's payments into an array, and merge arrays that are about as large."""
        rows = np.empty(len(self._recent), ROW)
        hashes = np.frombuffer(b"".join(self._recent), ">u8").reshape(-1, 2)
        rows["high"], rows["low"] = hashes[:, 0], hashes[:, 1]
        rows["until"] = [first.until for first in self._recent.values()]
        rows["content"] = [first.content for first in self._recent.values()]
        self._recent = {}
        self._runs = [run for run in self._runs if run.latest >= mark]
        self._runs.append(_sorted(rows))
        while len(self._runs) >= SIMILAR:
            last = self._runs[-SIMILAR:]
            if len(last[0].high) > SIMILAR * len(last[-1].high):
                break
            self._runs[-SIMILAR:] = [_merged(last, mark)]


def _sorted(rows: Rows) -> _Run:
    high = rows["high"].astype(np.uint64)
    order = np.argsort(high, kind="stable")
    until = rows["until"].astype(np.int64)[order]
    latest = int(until.max()) if len(until) else -1
    low = rows["low"].astype(np.uint64)[order]
    return _Run(high[order], low, until, rows["content"].astype(np.uint32)[order], latest)


def _merged(runs: Sequence[_Run], mark: int) -> _Run:
    high, low, until, content = (
        np.concatenate([run[column] for run in runs]) for column in range(4)
    )
    kept = until >= mark
    rows = np.empty(int(kept.sum()), ROW)
    rows["high"], rows["low"] = high[kept], low[kept]
    rows["until"], rows["content"] = until[kept], content[kept]
    return _sorted(rows)
