"""The order in which an import sends: by event time if asked for, each label behind its payment."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from risk.engine.feedback import decode
from risk.ops.imports.history import history
from risk.ops.imports.labels import Label
from risk.ops.imports.order import Order, by_event_time
from risk.ops.imports.records import Payment

LATENESS = 30_000
PAYMENTS = st.lists(
    st.tuples(st.integers(0, 200_000), st.none() | st.integers(0, 100_000)), max_size=60
).map(
    lambda found: [
        Payment(
            row,
            time,
            f"e{row}",
            f"u{row % 3}",
            b"%d" % row,
            None if after is None else Label("fraud", time + after, note=f"é{row}"),
        )
        for row, (time, after) in enumerate(found, 1)
    ]
)


@given(PAYMENTS)
def test_sorted_they_come_by_event_time_and_else_as_in_the_file(payments: list[Payment]) -> None:
    found = list(by_event_time(payments))
    assert found == sorted(payments, key=lambda one: one.event_time)


@given(PAYMENTS)
def test_late_ones_are_those_that_scoring_would_find_late(payments: list[Payment]) -> None:
    order = Order(LATENESS)
    late, mark = [], -1
    for payment in payments:
        order.add(payment.row, payment.event_time)
        mark = max(mark, payment.event_time)
        if payment.event_time < mark - LATENESS:
            late.append(payment.row)
    times = [payment.event_time for payment in payments]
    assert (order.late, order.late_row) == (len(late), min(late, default=0))
    assert (order.first, order.last) == (min(times, default=-1), max(times, default=-1))


@given(PAYMENTS)
def test_a_sorted_file_has_none_that_are_late(payments: list[Payment]) -> None:
    order = Order(LATENESS)
    for payment in by_event_time(payments):
        order.add(payment.row, payment.event_time)
    assert (order.late, order.behind_ms) == (0, 0)


@given(PAYMENTS)
def test_each_label_comes_once_and_right_behind_its_payment(payments: list[Payment]) -> None:
    found = list(history(payments))
    assert [one.value for one in found if not one.label] == [one.value for one in payments]
    labels = [one for one in found if one.label]
    assert len(labels) == sum(one.label is not None for one in payments)
    for before, message in pairwise(found):
        if message.label:
            said = decode(message.value, message.key)
            assert (before.label, before.key, before.value) == (
                False,
                message.key,
                said.event_id[1:].encode(),
            )
