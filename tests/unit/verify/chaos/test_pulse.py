from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from generator.config import StreamConfig
from risk.engine.payment.transaction import decode, encode
from risk.verify.chaos.pulse import payment
from risk.verify.chaos.traffic import DISORDER

NUMBERS = st.integers(0, 10**7)
PARTITIONS = st.integers(0, 255)


@given(NUMBERS, PARTITIONS)
def test_a_payment_of_the_pulse_is_never_rejected(number: int, partition: int) -> None:
    sent = payment("7-1764500000000", number, partition, 1_764_500_000_000)
    assert decode(encode(sent), sent.user_id.encode()).event_id == sent.event_id


@given(NUMBERS, PARTITIONS, NUMBERS, PARTITIONS)
def test_no_two_payments_of_the_pulse_share_a_window(a: int, p: int, b: int, q: int) -> None:
    one, other = payment("m", a, p, 0), payment("m", b, q, 0)
    if (a, p) != (b, q):
        assert one.user_id != other.user_id
        assert one.device_id != other.device_id
        assert one.ip != other.ip


def test_traffic_is_in_more_disorder_than_usual() -> None:
    usual, ours = StreamConfig(start_time=0), StreamConfig(start_time=0, **DISORDER)
    assert all(getattr(ours, name) > getattr(usual, name) for name in DISORDER)
