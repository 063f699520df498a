"""A window's features are the same however they are read: entry by entry, or at once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.engine.features.cursor import Cursor, Sliding
from risk.engine.features.entry import Entry
from risk.engine.features.ip.velocity import Velocity as IpVelocity
from risk.engine.features.shape import Shape
from risk.engine.features.user.velocity import Velocity as UserVelocity

WINDOW = 10
AMOUNTS = st.sampled_from(
    (0, 1, 2, 3, 100, 200, 201, 300, 2_000, 2_001, 10_000, 30_000, 100_000, 1_000_000)
)


@st.composite
def in_order(draw: st.DrawFn) -> list[Entry]:
    """Entries of one key that both velocities can read."""
    times = sorted(draw(st.lists(st.integers(0, 40), min_size=1, max_size=20)))
    return [
        Entry(
            time,
            f"e{number:02d}",
            f"u{draw(st.integers(0, 3))}",
            "ip",
            "d",
            draw(AMOUNTS),
            draw(st.sampled_from(("EUR", "USD", "JPY", "KWD", "CLF", "XXX"))),
            f"m{draw(st.integers(0, 3))}",
        )
        for number, time in enumerate(times)
    ]


@pytest.mark.parametrize("velocity", [IpVelocity, UserVelocity])
@given(in_order())
def test_a_window_reads_the_same_either_way(velocity: type[Sliding], entries: list[Entry]) -> None:
    shape = Shape(sliding=velocity, window=WINDOW)
    cursor = Cursor(WINDOW, velocity)
    for index in range(len(entries)):
        assert shape.scan(entries, index) == cursor.read_at(entries, index)
