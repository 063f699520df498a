"""A window's features are the same however they are read: entry by entry, or at once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.engine.features.built_in import DECLARATIONS
from risk.engine.features.catalogue import IP, USER
from risk.engine.features.declared.compiler import compile_key
from risk.engine.features.declared.entries import Entries
from risk.engine.features.shape import Shape
from risk.engine.payment.transaction import Transaction
from risk.engine.rules.declaration import CHAINED, stage_key
from tests.unit.streams import transaction

WINDOW = 10
AMOUNTS = st.sampled_from(
    (0, 1, 2, 3, 100, 200, 201, 300, 2_000, 2_001, 10_000, 30_000, 100_000, 1_000_000)
)


@st.composite
def in_order(draw: st.DrawFn) -> list[Transaction]:
    """Payments of one key."""
    times = sorted(draw(st.lists(st.integers(0, 40), min_size=1, max_size=20)))
    return [
        transaction(
            number,
            event_time=time,
            user_id=f"u{draw(st.integers(0, 3))}",
            amount=draw(AMOUNTS),
            currency=draw(st.sampled_from(("EUR", "USD", "JPY", "KWD", "CLF", "XXX"))),
            merchant_id=draw(st.sampled_from(("", "m1", "m2", "m3"))),
        )
        for number, time in enumerate(times)
    ]


@pytest.mark.parametrize("key", [IP, USER])
@given(in_order())
def test_a_window_reads_the_same_either_way(
    key: tuple[str, ...], payments: list[Transaction]
) -> None:
    code = compile_key(
        replace(one, window=WINDOW)
        for one in DECLARATIONS
        if stage_key(one) == key and one.span == "window" and one.value not in CHAINED
    )
    made = Entries(code.remembered)
    entries = [made.payment(txn) for txn in payments]
    shape = Shape(None, code.windows)
    cursor = shape.cursor()
    for index in range(len(entries)):
        assert shape.scan(entries, index) == cursor.read_at(entries, index)
