"""The payments that partitions remember, so that their copies are told from new ones.

A payment takes up 30 bytes: a hash of 128 bits in place of its partition and ids, until when it is
remembered, a checksum of its content, and the partition, whose mark says what is forgotten. The
newest are in a dict; the others in sorted arrays, in which a batch is looked up at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from struct import Struct
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from risk.stages.base import Store
from risk.stages.journal import Journal

RECENT: Final = 8_192  # payments in the dict, some 200 bytes each
SIMILAR: Final = 4  # arrays of about one size that are merged into one
DIGEST: Final = 16
RESIDUES: Final = 1 << 16  # partitions are held in two bytes

# As it is stored: the two halves of the hash, until (ms UTC), checksum.
ROW: Final = np.dtype([("high", ">u8"), ("low", ">u8"), ("until", "<i8"), ("content", "<u4")])
_tail = Struct("<qI").pack

Column = npt.NDArray[np.generic]


class First(NamedTuple):
    """The first payment of its ids in a partition, remembered while the mark is up to `until`."""

    until: int
    content: int
    partition: int


class _Run(NamedTuple):
    """Remembered payments, sorted by the first half of their hash."""

    high: npt.NDArray[np.uint64]
    low: npt.NDArray[np.uint64]
    until: npt.NDArray[np.int64]
    content: npt.NDArray[np.uint32]
    partition: npt.NDArray[np.uint16]


def digest(partition: int, user_id: str, event_id: str) -> bytes:
    """16 bytes that stand for a payment's partition and ids."""
    text = f"{partition}:{len(user_id)}:{user_id}{event_id}"
    return blake2b(text.encode(), digest_size=DIGEST).digest()


class Seen:
    """What the partitions remember. Marks are by partition, in ms UTC."""

    def __init__(self, store: Store, prefix: str) -> None:
        self._store, self._prefix = store, prefix
        self._journals: dict[int, Journal] = {}
        self._recent: dict[bytes, First] = {}
        self._runs: list[_Run] = []
        self._older: dict[bytes, First] = {}
        self._added: defaultdict[int, list[bytes]] = defaultdict(list)
        self._latest: dict[int, int] = {}  # until when what was added is remembered

    def load(self, found: Iterable[tuple[str, bytes]]) -> None:
        """Take up what was stored: the blobs under the prefix, by the rest of their names."""
        parts: list[tuple[int, npt.NDArray[np.void]]] = []
        for name, blob in found:
            partition, number = map(int, name.split("/"))
            journal = self._journal(partition)
            latest, packed = journal.reload(number, blob)
            journal.held(latest, number, [])
            parts += [(partition, np.frombuffer(one, ROW)) for one in packed]
        if parts:
            rows = np.concatenate([rows for _, rows in parts])
            partitions = np.repeat([p % RESIDUES for p, _ in parts], [len(r) for _, r in parts])
            columns = (rows["high"], rows["low"], rows["until"], rows["content"], partitions)
            self._runs = [_sorted(columns)]

    def prepare(self, keys: Sequence[bytes]) -> None:
        """A batch of payments with these hashes is about to be looked up."""
        self._older = {}
        if not self._runs or not keys:
            return
        high = np.frombuffer(b"".join(keys), dtype=">u8")[::2].astype(np.uint64)
        for run in self._runs:
            at = np.searchsorted(run.high, high)
            at[at == len(run.high)] = 0
            hits = run.high[at] == high
            if hits.any():
                for index in np.flatnonzero(hits).tolist():
                    self._note_older(run, int(at[index]), keys[index])

    def first(self, key: bytes, mark: int) -> First | None:
        """The payment that has this hash, if it is still remembered; else None."""
        found = self._recent.get(key)
        if found is None or mark > found.until:
            found = self._older.get(key)
        return found if found is not None and mark <= found.until else None

    def add(self, key: bytes, first: First) -> None:
        """Remember a payment."""
        until, content, partition = first
        self._recent[key] = first
        self._added[partition].append(key + _tail(until, content))
        if until > self._latest.get(partition, -1):
            self._latest[partition] = until

    def save(self, marks: Mapping[int, int]) -> None:
        """Store what a batch has added, and drop what is no longer remembered."""
        for partition, rows in self._added.items():
            journal = self._journal(partition)
            journal.append(self._latest[partition], [b"".join(rows)], [])
            for _ in journal.expire(marks[partition] - 1):
                pass
        self._added.clear()
        self._latest.clear()
        if len(self._recent) >= RECENT:
            self._seal(marks)

    def __len__(self) -> int:
        return len(self._recent) + sum(len(run.high) for run in self._runs)

    def _journal(self, partition: int) -> Journal:
        found = self._journals.get(partition)
        if found is None:
            found = Journal(self._store, f"{self._prefix}{partition}/")
            self._journals[partition] = found
        return found

    def _note_older(self, run: _Run, index: int, key: bytes) -> None:
        """The payment of that hash at or after `index`, unless a later one is known."""
        high, low = int.from_bytes(key[:8]), int.from_bytes(key[8:])
        while index < len(run.high) and int(run.high[index]) == high:
            if int(run.low[index]) == low:
                values = run.until[index], run.content[index], run.partition[index]
                found = First(*map(int, values))
                known = self._older.get(key)
                if known is None or known.until < found.until:
                    self._older[key] = found
            index += 1

    def _seal(self, marks: Mapping[int, int]) -> None:
        """Move the dict's payments into an array, and merge arrays that are about as large."""
        halves = np.frombuffer(b"".join(self._recent), ">u8").reshape(-1, 2)
        until, content, partition = zip(*self._recent.values(), strict=True)
        residues = [number % RESIDUES for number in partition]
        self._recent = {}
        self._runs.append(_sorted((halves[:, 0], halves[:, 1], until, content, residues)))
        while len(self._runs) >= SIMILAR:
            last = self._runs[-SIMILAR:]
            if len(last[0].high) > SIMILAR * len(last[-1].high):
                break
            self._runs[-SIMILAR:] = [_merged(last, marks)]
        passed = _by_residue(marks)
        self._runs = [run for run in self._runs if (run.until >= passed[run.partition]).any()]


def _sorted(columns: Sequence[npt.ArrayLike]) -> _Run:
    high = np.asarray(columns[0]).astype(np.uint64)
    order = np.argsort(high, kind="stable")
    return _Run(
        high[order],
        np.asarray(columns[1]).astype(np.uint64)[order],
        np.asarray(columns[2]).astype(np.int64)[order],
        np.asarray(columns[3]).astype(np.uint32)[order],
        np.asarray(columns[4]).astype(np.uint16)[order],
    )


def _merged(runs: Sequence[_Run], marks: Mapping[int, int]) -> _Run:
    """What of these is still remembered."""
    columns = [np.concatenate([run[column] for run in runs]) for column in range(5)]
    kept = columns[2] >= _by_residue(marks)[columns[4]]
    return _sorted([column[kept] for column in columns])


def _by_residue(marks: Mapping[int, int]) -> npt.NDArray[np.int64]:
    """The least mark of the partitions that are held as each number."""
    found = np.full(RESIDUES, -1, np.int64)
    for partition, mark in marks.items():
        residue = partition % RESIDUES
        found[residue] = mark if found[residue] < 0 else min(mark, int(found[residue]))
    return found
