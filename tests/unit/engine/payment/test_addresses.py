"""An event's address is taken if and only if it is one, and is then written in one way."""

from __future__ import annotations

import ipaddress

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from risk.engine.oracle.features import features
from risk.engine.payment import addresses
from risk.engine.payment.transaction import Rejected, decode, encode
from risk.engine.stages.base import Frontier, Item, MemoryStore
from risk.engine.stages.ip import IpStage
from risk.engine.stages.keyed import FRONTIER
from tests.unit.engine.stages.test_oracle_stages import agree
from tests.unit.streams import START, raw, transaction

FEW_GROUPS = st.sampled_from(("0", "0", "0", "1", "a", "ffff", "c000", "201", "00ab", "0A"))
GROUPS = st.one_of(
    st.lists(st.text("0123456789abcdefABCDEF", max_size=5), min_size=2, max_size=10),
    st.lists(FEW_GROUPS | st.just(""), min_size=3, max_size=8),
    st.lists(FEW_GROUPS, min_size=8, max_size=8),
)
WRITTEN = st.one_of(
    st.ip_addresses().map(str),
    st.ip_addresses(v=6).map(lambda address: address.exploded),
    st.ip_addresses(v=6).map(str),
    st.ip_addresses(v=4).map(lambda address: f"::ffff:{address}"),
    st.text("0123456789.", max_size=16),
    GROUPS.map(":".join),
    st.builds(lambda text, zone: f"{text}%{zone}", GROUPS.map(":".join), st.text(max_size=3)),
)


def taken(ip: str) -> str | None:
    """The address as it is taken; None if it is rejected."""
    sent = encode(replace(transaction(1), ip=ip or "none"))  # "": it isn't sent at all
    try:
        return decode(sent, b"u1").ip
    except Rejected as error:
        return None if error.message.startswith("ip: ") else error.message


def written(ip: str) -> str | None:
    """The one way to write an address, by the standard library; None if it is none."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return None
    if not 2 <= len(ip) <= 45 or "%" in ip:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(address)


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
@example("0::ffff:c000:201")
@example("2001:DB8:0:0:0:0:0:1")
@example("1:0:0:2:0:0:0:3")
@example("1:0:0:2::3")
@example("1::2:0:0:0:3")
@example("1::0:3")
@example("0:1::3")
@example("256.0.0.1")
@example("10.0.0.01")
@example("1.2.3")
@example("1\u0661::1")
@example("fe80::1%eth0")
@example("fe80::1%")
@example("fe80::1%\0")
def test_what_is_no_address_is_rejected_and_what_is_one_has_one_spelling(ip: str) -> None:
    assert taken(ip) == written(ip)


def test_a_zone_is_refused_with_what_to_do() -> None:
    with pytest.raises(Rejected, match="ip: has a zone: send the address up to the %"):
        decode(encode(replace(transaction(1), ip="fe80::1%eth0")), b"u1")


@given(st.ip_addresses(v=6).map(str).map(addresses.canonical))
@example("::1")
@example("1::2:3:4:5:6")
@example("1:2::3:4:5:6")
@example("2001:db8::")
def test_what_an_address_is_counted_under(ip: str) -> None:
    if ":" not in ip:
        assert addresses.key(ip) == ip
        return
    own = ipaddress.IPv6Network((ip, 64), strict=False)
    assert ipaddress.IPv6Address(addresses.key(ip)) == own.network_address
    assert addresses.key(addresses.key(ip)) == addresses.key(ip)
    assert addresses.network(ip) == str(own)


def test_the_network_of_ipv4() -> None:
    assert addresses.network("192.0.2.77") == "192.0.2.0/24"
    assert addresses.key("192.0.2.77") == "192.0.2.77"


SPELLINGS = (
    "2001:db8::1",
    "2001:DB8::1",
    "2001:0db8::0001",
    "2001:db8:0:0:0:0:0:1",
    "2001:db8:0::1",
    "2001:db8::0:1",
    "2001:0DB8:0000:0000:0000:0000:0000:0001",
    "2001:db8::0.0.0.1",
    "2001:db8:0:0::1",
    "2001:db8:0:0:0::1",
    "2001:db8::0:0:1",
    "2001:db8:0:0:0:0::1",
)
LOWER_HALVES = tuple(f"2001:db8:1:2:{n:x}:{7 * n:x}::{n:x}" for n in range(1, 13))
MAPPED = ("192.0.2.1", "::ffff:192.0.2.1", "::FFFF:c000:201", "0:0:0:0:0:ffff:c000:201") * 3


@pytest.mark.parametrize("ips", [SPELLINGS, LOWER_HALVES, MAPPED])
def test_twelve_users_behind_one_address_are_seen_as_such(ips: tuple[str, ...]) -> None:
    raws = [
        raw(transaction(n, user_id=f"u{n}", event_time=START + n, ip=ip), n)
        for n, ip in enumerate(ips)
    ]
    agree(raws, [5], frozenset((1,)))
    _, found = list(features([decode(one.value, one.key) for one in raws]))[-1]
    assert (found["ip_count_2m"], found["ip_users_2m"]) == (12, 12)


def test_networks_of_ipv6_are_apart_and_so_are_addresses_of_ipv4() -> None:
    ips = ("2001:db8:1:2::1", "2001:db8:1:3::1", "192.0.2.1", "192.0.2.2")
    txns = [
        transaction(n, user_id=f"u{n}", event_time=START + n, ip=ip) for n, ip in enumerate(ips)
    ]
    assert {found["ip_users_2m"] for _, found in features(txns)} == {1}


def test_state_of_addresses_as_they_were_sent_is_taken_up_under_their_network() -> None:
    store = MemoryStore()
    store.put(
        "journal/0",
        b"\x02"
        + msgspec.msgpack.encode(
            [
                START,
                [
                    [ip, [START, f"e{n}", f"u{n}", "d"]]
                    for n, ip in enumerate(("2001:DB8::1", "2001:db8::2", "fe80::1%eth0"))
                ],
            ]
        ),
    )
    store.put(FRONTIER, b"\x02" + msgspec.msgpack.encode(START - 1_000))
    stage = IpStage(store)
    txn = transaction(9, user_id="u9", event_time=START + 5, ip="2001:db8::3")
    (item,), _ = stage.on_batch([Item(txn)], [], Frontier(START - 1_000))
    found = dict(zip(stage.names, item.values, strict=True))
    assert (found["ip_count_2m"], found["ip_users_2m"]) == (3, 3)


def test_a_place_at_zero_zero_is_none() -> None:
    berlin, nowhere = {"lat": 52.5, "lon": 13.4}, {"lat": 0.0, "lon": -0.0}
    on_equator = {"lat": 0.0, "lon": 13.4}
    places = (berlin, nowhere, berlin, on_equator, nowhere, on_equator)
    raws = [
        raw(transaction(n, event_time=START + n * 60_000, **place), n)
        for n, place in enumerate(places)
    ]
    agree(raws, [2], frozenset((1,)))
    distances = [
        found["user_distance_km"]
        for _, found in features([decode(one.value, one.key) for one in raws])
    ]
    assert [distance > 0 for distance in distances] == [False, False, False, True, False, False]
