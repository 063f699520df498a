"""What models look at, as whole numbers: the same as the oracle's, value by value."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.engine.features.catalogue import CATALOGUE, FIRST, FeatureType
from risk.engine.features.named import features_type
from risk.engine.models.inputs import Reader
from risk.engine.oracle.models import read, whole
from tests.unit.engine.models.ensembles import INPUTS, OFFERED, files, plain
from tests.unit.streams import START, transaction

TYPES: list[tuple[str, FeatureType]] = [(one.name, one.type) for one in CATALOGUE]
MAKE = features_type([*TYPES, ("terminal_frauds_28d", "int")])

fractions = st.one_of(
    st.integers(-(10**16), 10**16).map(lambda parts: parts / 10_000),
    st.floats(allow_nan=False, allow_infinity=False, width=64),
    st.sampled_from((0.00005, 0.00015, 2.5, 2.675, 922337203685477.5807, 1e300, -1e300, -0.0)),
)
wholes = st.one_of(st.integers(-(2**63), 2**63 - 1), st.integers(-(2**70), 2**70))


@st.composite
def events(draw: st.DrawFn) -> tuple[dict[str, Any], Any]:
    values = {
        **FIRST,
        "user_count_5m": draw(wholes),
        "user_new_device": draw(st.booleans()),
        "user_amount_ratio": draw(fractions),
        "terminal_frauds_28d": draw(wholes),
    }
    txn = transaction(
        1,
        amount=draw(st.integers(0, 10**15)),
        currency=draw(st.sampled_from(("EUR", "JPY", "KWD", "CLF"))),
        event_time=START + draw(st.integers(-(10**11), 10**11)),
    )
    return values, txn


@given(st.lists(events(), min_size=1, max_size=4), files())
def test_rows_are_what_the_oracle_reads(found: list[tuple[dict[str, Any], Any]], file: Any) -> None:
    rows = Reader(file.inputs, OFFERED).rows([(MAKE(**values), txn) for values, txn in found])
    for row, (values, txn) in zip(rows.tolist(), found, strict=True):
        assert row == [whole(value) for value in read(plain(file), values, txn)]


@given(st.integers(-(2**50), 2**50))
def test_a_fraction_of_four_decimals_is_exact(parts: int) -> None:
    features = MAKE(**FIRST | {"terminal_frauds_28d": 0, "user_amount_ratio": parts / 10_000})
    rows = Reader(INPUTS[1:2], OFFERED).rows([(features, transaction(1))])
    assert rows.tolist() == [[parts]]


@pytest.mark.parametrize(("index", "value"), [(3, 1_000), (4, 100_000), (6, 14), (7, 1)])
def test_a_field_is_read_as_in_rules(index: int, value: int) -> None:
    assert INPUTS[index].field
    features = MAKE(**FIRST, terminal_frauds_28d=0)
    rows = Reader(INPUTS[index : index + 1], OFFERED).rows([(features, transaction(1))])
    assert rows.tolist() == [[value]]
