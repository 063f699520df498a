"""An event's address is taken if and only if it is one, however it is written."""

from __future__ import annotations

import ipaddress

import msgspec
from hypothesis import example, given, settings
from hypothesis import strategies as st

from risk.event import Rejected, decode, encode
from tests.unit.streams import transaction

GROUPS = st.lists(st.text("0123456789abcdefABCDEF", max_size=5), min_size=2, max_size=10)
WRITTEN = st.one_of(
    st.ip_addresses().map(str),
    st.ip_addresses(v=6).map(lambda address: address.exploded),
    st.text("0123456789.", max_size=16),
    GROUPS.map(":".join),
)


def is_taken(ip: str) -> bool:
    raw = encode(msgspec.structs.replace(transaction(1), ip=ip))
    try:
        decode(raw, b"u1")
    except Rejected as error:
        return not error.message.startswith("ip: ")
    return True


def is_address(ip: str) -> bool:
    try:
        ipaddress.ip_address(ip)
    except ValueError:
        return False
    return 2 <= len(ip) <= 45


@settings(max_examples=500, deadline=None)
@given(WRITTEN)
@example("2a01:db8::1")
@example("1:2:3:4:5:6::7")
@example("1:2:3:4:5:6:7::8")
@example("1:2:3:4:5:6:7:8")
@example("1:2:3:4:5:6:7:8:9")
@example("::1")
@example("1::")
@example("::")
@example("12345::1")
@example("10.0.0.1\n")
@example("::ffff:10.0.0.1")
@example("256.0.0.1")
@example("10.0.0.01")
@example("1.2.3")
@example("1\u0661::1")
def test_what_is_no_address_is_rejected_and_what_is_one_is_not(ip: str) -> None:
    assert is_taken(ip) == is_address(ip)
