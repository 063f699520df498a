"""Huge pages for what the stages hold.

With windows full that is some hundred MB of small objects, of which each event touches some dozens.
On pages of 4 KiB almost every touch misses the processor's TLB, and in a virtual machine a miss
takes two walks through page tables. Python never asks for larger pages, and its heap grows in
pieces of 1 MiB, for which the kernel gives none by itself. So it is asked for them, a few at a time
(MADV_COLLAPSE of Linux 6.1, madvise(2)). Where the kernel can't, nothing happens.
"""

from __future__ import annotations

import ctypes
import mmap
import re
import time
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

MADV_COLLAPSE: Final = 25
SIZE_FILE: Final = Path("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size")
MAPS_FILE: Final = Path("/proc/self/maps")
PAUSE_S: Final = 0.1  # between two pages; each is copied, which takes some milliseconds
LOOK_S: Final = 10.0  # between two looks at what has been added

_PRIVATE = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) rw-p \S+ \S+ 0\s*$", re.MULTILINE)
_madvise = ctypes.CDLL(None).madvise
_madvise.argtypes = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int


class HugePages:
    """Keeps the memory around some of the objects that are `held` on huge pages."""

    def __init__(self, held: Callable[[], Iterable[object]]) -> None:
        self._held = held
        self._size = supported()
        self._todo: list[int] = []
        self._asked: set[int] = set()
        self._due = 0.0

    def tick(self) -> None:
        """Ask for one more, if there is one and it is time to. Call it often."""
        now = time.monotonic()
        if not self._size or now < self._due:
            return
        if not self._todo:
            self._look()
        if self._todo:  # if it can't be now, it stays as it is
            _madvise(self._todo.pop(), self._size, MADV_COLLAPSE)
        self._due = now + (PAUSE_S if self._todo else LOOK_S)

    @property
    def asking(self) -> bool:
        """Whether there is more to ask for."""
        return bool(self._todo)

    def _look(self) -> None:
        try:
            maps = MAPS_FILE.read_text(encoding="utf-8", errors="replace")
        except OSError:  # scoring goes on without
            self._size = 0
            return
        addresses = sorted(map(id, self._held()))  # in CPython an object's id is its address
        found = pages(maps, addresses, self._size)
        self._todo = [start for start in found if start not in self._asked]
        self._asked = set(found)


def pages(maps: str, addresses: Sequence[int], size: int) -> list[int]:
    """Where huge pages of `size` fit into mappings that hold one of the `addresses` (ascending).

    `maps` is of the form of proc_pid_maps(5). Only private memory without a file or a name counts:
    Python's heap, not a stack nor what a file is mapped to.
    """
    found: list[int] = []
    for mapping in _PRIVATE.finditer(maps):
        start, end = int(mapping[1], 16), int(mapping[2], 16)
        at = bisect_left(addresses, start)
        if at < len(addresses) and addresses[at] < end:
            found += range(-(-start // size) * size, end - size + 1, size)
    return found


def supported() -> int:
    """The size of a huge page, in bytes; 0 if the kernel doesn't give one when asked."""
    try:
        size = int(SIZE_FILE.read_text(encoding="ascii"))
        trial = mmap.mmap(-1, 2 * size, flags=mmap.MAP_PRIVATE)
    except (OSError, ValueError):
        return 0
    first = ctypes.c_char.from_buffer(trial)
    offset = -ctypes.addressof(first) % size
    trial[offset] = 1  # what was never written to can't be collapsed
    failed = _madvise(ctypes.addressof(first) + offset, size, MADV_COLLAPSE)
    del first  # else the mapping can't be closed
    trial.close()
    return 0 if failed else size
