"""What the stages hold is put on huge pages, and nothing else is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flink_jobs import huge_pages
from flink_jobs.huge_pages import HugePages, pages, supported
from tests.needs import MACHINE

SIZE = 0x20_0000
MAPS = """\
7f0000100000-7f0000800000 rw-p 00000000 00:00 0
7f0000800000-7f0000a00000 r--p 00000000 00:00 0
7f0001000000-7f0001400000 rw-p 00000000 fe:00 1234                       /usr/lib/libx.so
7f0002000000-7f0002400000 rw-p 00000000 00:00 0                          [heap]
7f0003000000-7f0003400000 rw-p 00000000 00:00 0
7f0004000000-7f00041ff000 rw-p 00000000 00:00 0
"""


def test_only_whole_pages_of_private_memory_with_an_object_in_it() -> None:
    addresses = [0x7F00_0010_0010, 0x7F00_0090_0000, 0x7F00_0100_0000, 0x7F00_0200_0000]
    first = [0x7F00_0020_0000, 0x7F00_0040_0000, 0x7F00_0060_0000]
    assert pages(MAPS, addresses, SIZE) == first
    assert pages(MAPS, [*addresses, 0x7F00_0340_0000], SIZE) == first  # just after the last but one
    assert pages(MAPS, [0x7F00_0400_0000], SIZE) == []  # there is no room for one
    assert pages(MAPS, [], SIZE) == []


@given(
    st.integers(0, 2**20),
    st.integers(1, 2**14),
    st.integers(0, 2**34),
)
def test_no_page_reaches_out_of_its_mapping(start: int, length: int, offset: int) -> None:
    begin, end = start << 12, (start + length) << 12
    address = begin + offset
    found = pages(f"{begin:x}-{end:x} rw-p 00000000 00:00 0 \n", [address], SIZE)
    assert all(begin <= page <= end - SIZE and page % SIZE == 0 for page in found)
    if address >= end:
        assert found == []
    elif length >= 2 * SIZE >> 12:
        assert found


def test_what_is_held_comes_to_be_on_huge_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    if not supported():
        pytest.skip(f"{MACHINE}its kernel gives no huge pages when asked (Linux 6.1 does)")
    monkeypatch.setattr(huge_pages, "PAUSE_S", 0.0)
    held = [f"some object {number}" for number in range(200_000)]
    before = _huge_kb()
    asking = HugePages(lambda: held[::100])
    asking.tick()
    while asking.asking:
        asking.tick()
    assert _huge_kb() - before > 8_000  # of some 13 MB
    assert held[-1] == "some object 199999"


def test_a_kernel_that_can_not_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huge_pages, "SIZE_FILE", Path("/nowhere"))
    assert supported() == 0
    HugePages(lambda: pytest.fail("nobody looks")).tick()


def test_a_look_that_fails_is_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huge_pages, "supported", lambda: SIZE)
    monkeypatch.setattr(huge_pages, "LOOK_S", 0.0)
    monkeypatch.setattr(huge_pages, "MAPS_FILE", Path("/nowhere"))
    asking = HugePages(list)
    asking.tick()
    monkeypatch.setattr(Path, "read_text", lambda *_, **__: pytest.fail("nobody looks again"))
    asking.tick()


def _huge_kb() -> int:
    found = re.search(r"AnonHugePages:\s+(\d+)", Path("/proc/self/smaps_rollup").read_text("ascii"))
    assert found
    return int(found[1])
