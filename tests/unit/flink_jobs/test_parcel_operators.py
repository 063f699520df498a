"""An event that a sharded operator fails on: its dead letter, and what goes on without it."""

from __future__ import annotations

import pytest

from flink_jobs.letters import CONNECT, INTERNAL_ERROR
from flink_jobs.operators.device import DeviceOperator
from flink_jobs.operators.ip import IpOperator
from flink_jobs.operators.parcels import ParcelOperator
from risk.engine.payment.transaction import encode
from risk.engine.stages.base import Correction, Item
from risk.engine.stages.parcel import Parcel, decode
from risk.engine.stages.parcel import encode as encoded
from tests.unit.flink_jobs.test_decisions import PLAN
from tests.unit.flink_jobs.test_letters import told
from tests.unit.streams import transaction

TXN = transaction(1)
ITEM = Item(TXN, (), 5, partition=3, offset=70)
FIX = Correction("u1", "e1", TXN.event_time, "10.0.0.1", "d1", {})


class Failures:
    """Counts them."""

    def __init__(self) -> None:
        self.count = 0

    def failed(self) -> None:
        self.count += 1


@pytest.mark.parametrize(("kind", "stage"), [(IpOperator, b"ip"), (DeviceOperator, b"device")])
def test_it_is_told_where_it_came_from(
    kind: type[ParcelOperator[object, object]], stage: bytes
) -> None:
    operator = kind(PLAN)
    failures = Failures()
    operator._letters, operator._metrics = [], failures  # type: ignore[assignment]
    left = operator.condemned(Parcel(0, 9, False, [ITEM], []), ZeroDivisionError("why"))
    assert left == Parcel(0, 9, False, [], [])
    (line,) = operator.letters()
    headers, key, value = told(line)
    assert (key, value) == (b"u1", encode(TXN))
    assert (headers[CONNECT + "partition"], headers[CONNECT + "offset"]) == (b"3", b"70")
    assert headers[CONNECT + "stage"] == b"score." + stage
    assert headers[CONNECT + "exception.class.name"] == INTERNAL_ERROR.encode()
    assert headers[CONNECT + "exception.message"] == b"ZeroDivisionError: why"
    assert operator.letters() == []
    assert operator.condemned(Parcel(0, 9, True, [], [FIX]), ValueError()) == Parcel(
        0, 9, True, [], []
    )
    assert failures.count == 2
    with pytest.raises(KeyError):  # a frontier can't be left out
        operator.condemned(Parcel(0, 9, False, [], []), KeyError())


def test_letters_travel_as_they_are() -> None:
    parcel = Parcel(0, -1, False, [], [], ["a\u0101b\u0102"])
    assert decode(encoded(parcel)) == parcel
    assert decode(encoded(Parcel(0, 1, False, [ITEM], []))).items == [ITEM]
