"""The payments that partitions remember, so that their copies are told from new ones.

A payment takes up 30 bytes: a hash of 128 bits in place of its partition and ids, until when it is
remembered, a checksum of its content, and the partition, whose mark says what is forgotten. The
newest are in a dict; the others in sorted arrays, each behind a sieve of 1.8 bytes a payment more,
which keeps almost all that is new from being searched for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from struct import Struct
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from risk.engine.stages.base import Store
from risk.engine.stages.journal import Journal
from risk.engine.stages.sieve import Marked, Sieve

RECENT: Final = 8_192  # payments in the dict, some 200 bytes each
SIMILAR: Final = 4  # arrays of about one size that are merged into one
DIGEST: Final = 16
RESIDUES: Final = 1 << 16  # partitions are held in two bytes

# As it is stored: the two halves of the hash, until (ms UTC), checksum.
ROW: Final = np.dtype([("high", ">u8"), ("low", ">u8"), ("until", "<i8"), ("content", "<u4")])
_tail = Struct("<qI")

Column = npt.NDArray[np.generic]


# Of the first payment of its ids: the mark up to which it is remembered, and a checksum.
First = tuple[int, int]


class _Run(NamedTuple):
    """Remembered payments, sorted by the first half of their hash."""

    high: npt.NDArray[np.uint64]
    low: npt.NDArray[np.uint64]
    until: npt.NDArray[np.int64]
    content: npt.NDArray[np.uint32]
    partition: npt.NDArray[np.uint16]
    sieve: Sieve


def digest(partition: int, user_id: str, event_id: str) -> bytes:
    """16 bytes that stand for a payment's partition and ids."""
    text = f"{partition}:{len(user_id)}:{user_id}{event_id}"
    return blake2b(text.encode(), digest_size=DIGEST).digest()


class Seen:
    """What the partitions remember. Marks are by partition, in ms UTC."""

    def __init__(self, store: Store, prefix: str) -> None:
        self._store, self._prefix = store, prefix
        self._journals: dict[int, Journal] = {}
        self._recent: dict[bytes, bytes] = {}  # hash -> the rest of its row
        self._runs: list[_Run] = []
        self._older: dict[bytes, First] = {}
        self._added: defaultdict[int, list[bytes]] = defaultdict(list)
        self._unsealed: list[tuple[int, bytes]] = []  # the rows of the dict, by partition
        self._latest: dict[int, int] = {}  # until when what was added is remembered

    def load(self, found: Iterable[tuple[str, bytes]]) -> None:
        """Take up what was stored: the blobs under the prefix, by the rest of their names."""
        parts: list[tuple[int, bytes]] = []
        for name, blob in found:
            partition, number = map(int, name.split("/"))
            journal = self._journal(partition)
            latest, packed = journal.reload(number, blob)
            journal.restore(latest, number, [])
            parts += [(partition, one) for one in packed]
        if parts:
            self._runs = [_run(parts)]

    def prepare(self, keys: Sequence[bytes]) -> None:
        """A batch of payments with these hashes is about to be looked up."""
        self._older = {}
        if not self._runs or not keys:
            return
        high = np.frombuffer(b"".join(keys), dtype=">u8")[::2].astype(np.uint64)
        marked = Marked.of(high)
        for run in self._runs:
            maybe = run.sieve.let_through(marked)
            if len(maybe):
                starts = run.high.searchsorted(high[maybe])
                for index, start in zip(maybe.tolist(), starts.tolist(), strict=True):
                    self._note_older(run, start, keys[index])

    def first(self, key: bytes, mark: int) -> First | None:
        """The payment that has this hash, if it is still remembered; else None."""
        found = self._older.get(key)
        if tail := self._recent.get(key):
            found = _tail.unpack(tail)
        return found if found and mark <= found[0] else None

    def add(self, key: bytes, partition: int, until: int, content: int) -> None:
        """Remember a payment."""
        self._recent[key] = tail = _tail.pack(until, content)
        self._added[partition].append(key + tail)
        if until > self._latest.get(partition, -1):
            self._latest[partition] = until

    def save(self, marks: Mapping[int, int]) -> None:
        """Store what a batch has added, and drop what is no longer remembered."""
        for partition, rows in self._added.items():
            journal = self._journal(partition)
            packed = b"".join(rows)
            self._unsealed.append((partition, packed))
            journal.append(self._latest[partition], [packed], [])
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
        """The payment of that hash at or after `index`, if any, unless a later one is known."""
        high, low = int.from_bytes(key[:8]), int.from_bytes(key[8:])
        while index < len(run.high) and int(run.high[index]) == high:
            if int(run.low[index]) == low:
                found = int(run.until[index]), int(run.content[index])
                self._older[key] = max(found, self._older.get(key, found))
            index += 1

    def _seal(self, marks: Mapping[int, int]) -> None:
        """Move the dict's payments into an array, and merge arrays that are about as large."""
        self._runs.append(_run(self._unsealed))
        self._recent, self._unsealed = {}, []
        while len(self._runs) >= SIMILAR:
            last = self._runs[-SIMILAR:]
            if len(last[0].high) > SIMILAR * len(last[-1].high):
                break
            self._runs[-SIMILAR:] = [_merged(last, marks)]
        passed = _by_residue(marks)
        self._runs = [run for run in self._runs if (run.until >= passed[run.partition]).any()]


def _run(parts: Sequence[tuple[int, bytes]]) -> _Run:
    """Rows as they are stored, by partition."""
    rows = np.frombuffer(b"".join([packed for _, packed in parts]), ROW)
    counts = [len(packed) // ROW.itemsize for _, packed in parts]
    partitions = np.repeat([partition % RESIDUES for partition, _ in parts], counts)
    return _sorted([rows["high"], rows["low"], rows["until"], rows["content"], partitions])


def _sorted(columns: Sequence[npt.ArrayLike]) -> _Run:
    high = np.asarray(columns[0]).astype(np.uint64)
    order = np.argsort(high, kind="stable")
    high = high[order]
    return _Run(
        high,
        np.asarray(columns[1]).astype(np.uint64)[order],
        np.asarray(columns[2]).astype(np.int64)[order],
        np.asarray(columns[3]).astype(np.uint32)[order],
        np.asarray(columns[4]).astype(np.uint16)[order],
        Sieve(high),
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
