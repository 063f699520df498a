"""A Bloom filter: which of a batch's hashes a large array may hold, at one look for each.

A hash has a word of 64 bits, which its first half chooses, and in it some bits, which its last bits
choose. All hashes of a batch are looked up at once: so the processor waits for memory about once,
and not a dozen times for each as in a search.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint64]
Indexes = npt.NDArray[np.intp]

CROWD: Final = 4.4  # hashes to a word, on average: one in 150 others passes for one of them

_TWELVE, _HALF = np.uint64(12), np.uint64(32)
# By a number of 12 bits: the word in which the two bits are set that its halves name.
_NUMBERS: Final = np.arange(1 << 12, dtype=np.uint64)
_PAIRS: Final = np.uint64(1) << _NUMBERS % np.uint64(64) | np.uint64(1) << _NUMBERS // np.uint64(64)
_MASK: Final = _NUMBERS[-1]


class Marked(NamedTuple):
    """Hashes of 64 bits: their first halves, and for each a word with its bits."""

    halves: Words
    bits: Words

    @classmethod
    def of(cls, hashes: Words) -> Marked:
        """Hashes, ready to be looked up."""
        last, other = hashes & _MASK, hashes >> _TWELVE & _MASK
        bits = _PAIRS[last.astype(np.intp)] | _PAIRS[other.astype(np.intp)]
        return cls(hashes >> _HALF, bits)


class Sieve:
    """Lets through all hashes that it was made of, and few others. 1.8 bytes a hash."""

    def __init__(self, hashes: Words) -> None:
        """Of these, in ascending order."""
        self._size = np.uint64(1 + len(hashes) / CROWD)
        self._words = np.zeros(int(self._size), np.uint64)
        marked = Marked.of(hashes)
        chosen = self._chosen(marked)
        first = np.flatnonzero(np.diff(chosen, prepend=-1))
        self._words[chosen[first]] = np.bitwise_or.reduceat(marked.bits, first)

    def let_through(self, marked: Marked) -> Indexes:
        """The indexes of those that may be among them."""
        missing = marked.bits & ~self._words[self._chosen(marked)]
        found: Indexes = (missing == 0).nonzero()[0]
        return found

    def _chosen(self, marked: Marked) -> Indexes:
        return (marked.halves * self._size >> _HALF).astype(np.intp)
