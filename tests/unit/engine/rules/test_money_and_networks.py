"""Rules see money in major units, and addresses as networks."""

from __future__ import annotations

from fractions import Fraction
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.engine.payment.addresses import canonical
from risk.engine.payment.currencies import EXPONENTS, MAJOR_UNIT
from risk.engine.payment.transaction import MAX_AMOUNT
from risk.engine.rules import InvalidRuleset, load
from risk.engine.rules.cases import situation
from risk.engine.rules.check import check
from risk.engine.rules.compiler import compile_rules
from risk.engine.rules.names import Value, read
from risk.engine.rules.networks import Networks
from risk.engine.rules.parser import parse
from risk.engine.rules.template import template

LISTS: dict[str, tuple[Value, ...]] = {
    "ours": (
        "10.0.0.0/8",
        "2001:db8::/32",
        "192.0.2.7",
        "2001:DB8:1::5",
        "::ffff:198.51.100.0/120",
    ),
    "wrong": ("10.0.0.0/8", "999.1.1.1"),
}


def hits(text: str, **given_: Value) -> bool:
    node = parse(text)
    assert check(node, LISTS) == []
    return bool(compile_rules([node], LISTS)(*situation(given_)))


def fault(text: str) -> tuple[str, str]:
    """The one fault's message, and what it points at."""
    (found,) = check(parse(text), LISTS)
    return found.message, text[found.start : found.end]


@pytest.mark.parametrize(
    ("currency", "amount", "major", "unit"),
    [
        ("EUR", 1234, 12.34, 100),
        ("JPY", 1234, 1234.0, 1),
        ("KWD", 1234, 1.234, 1000),
        ("CLF", 1234, 0.1234, 10_000),
        ("XXX", 1234, 12.34, 100),
    ],
)
def test_an_amount_in_major_units(currency: str, amount: int, major: float, unit: int) -> None:
    features, txn, _ = situation({"currency": currency, "amount": amount})
    assert read("amount_major", features, txn) == major
    assert read("major_unit", features, txn) == unit
    at: dict[str, Value] = {"currency": currency, "amount": amount}
    assert hits(f"amount_major == {major} and major_unit == {unit}", **at)
    assert hits("amount_major * major_unit == amount", **at)
    shown, faults = template("{amount_major:.2} {currency}")
    assert (faults, shown.render(features, txn)) == ([], f"{major:.2f} {currency}")


@given(
    st.sampled_from((*EXPONENTS, "EUR")),
    st.integers(0, MAX_AMOUNT),
    st.integers(0, 10**9),
    st.integers(0, 3),
)
def test_a_threshold_in_money_is_exact(currency: str, amount: int, limit: int, digits: int) -> None:
    """As written in decimals, though both become fractions of two."""
    text = f"{Fraction(limit, 10**digits).__float__():.{digits}f}"
    wanted = Fraction(amount, MAJOR_UNIT[currency]) <= Fraction(text)
    assert hits(f"amount_major <= {text}", currency=currency, amount=amount) is wanted


def test_iso_4217_exponents() -> None:
    assert {code: MAJOR_UNIT[code] for code in ("EUR", "JPY", "KWD", "UYW", "ZZZ")} == {
        "EUR": 100,
        "JPY": 1,
        "KWD": 1_000,
        "UYW": 10_000,
        "ZZZ": 100,
    }
    assert all(len(code) == 3 and code.isupper() for code in EXPONENTS)
    assert "ZZZ" not in MAJOR_UNIT  # asked for, and not kept


@pytest.mark.parametrize(
    ("text", "ip", "hit"),
    [
        ("ip in ours", "10.255.0.1", True),
        ("ip in ours", "11.0.0.1", False),
        ("ip in ours", "2001:db8:ffff::1", True),
        ("ip in ours", "2001:db9::1", False),
        ("ip in ours", "192.0.2.7", True),
        ("ip in ours", "192.0.2.8", False),
        ("ip in ours", "198.51.100.77", True),
        ("ip not in ours", "10.0.0.1", False),
        ('ip in ["192.0.2.0/24", "2001:DB8::1"]', "2001:db8::1", True),
        ('ip in ["192.0.2.0/31"]', "192.0.2.1", True),
        ('ip in ["192.0.2.0/31"]', "192.0.2.2", False),
        ('ip in ["0.0.0.0/0"]', "2001:db8::1", False),
        ('ip == "2001:0DB8::0001"', "2001:db8::1", True),
        ('"::ffff:192.0.2.1" == ip', "192.0.2.1", True),
        ('ip != "::FFFF:c000:201"', "192.0.2.1", False),
        ('ip_network == "192.0.2.0/24"', "192.0.2.99", True),
        ('ip_network == "2001:DB8:0::/64"', "2001:db8::1", True),
        ('ip_network in ["2001:db8:0:1::/64"]', "2001:db8:0:1:2:3:4:5", True),
        ('ip_network not in ["2001:db8:0:1::/64"]', "2001:db8:0:2::", True),
    ],
)
def test_addresses_and_networks(text: str, ip: str, hit: bool) -> None:
    assert hits(text, ip=ip) is hit


@pytest.mark.parametrize(
    ("text", "message", "at"),
    [
        (
            'ip == "999.1.1.1"',
            "ip is never '999.1.1.1': neither an IPv4 nor an IPv6 address",
            '"999.1.1.1"',
        ),
        (
            'ip == "10.0.0.0/8"',
            'ip is one address, no network: write ip in ["10.0.0.0/8"]',
            '"10.0.0.0/8"',
        ),
        (
            'ip in ["10.0.0.5/8"]',
            "ip is never '10.0.0.5/8': write its first address: '10.0.0.0/8'",
            '"10.0.0.5/8"',
        ),
        (
            'ip in ["10.0.0/8"]',
            "ip is never '10.0.0/8': a network is written 192.0.2.0/24 or 2001:db8::/64",
            '"10.0.0/8"',
        ),
        (
            'ip in ["10.0.0.0/255.0.0.0"]',
            "ip is never '10.0.0.0/255.0.0.0': write its first address: '10.0.0.0/8'",
            None,
        ),
        (
            'ip != "fe80::1%eth0"',
            "ip is never 'fe80::1%eth0': has a zone: send the address up to the %",
            '"fe80::1%eth0"',
        ),
        (
            "ip in wrong",
            "in list wrong: ip is never '999.1.1.1': neither an IPv4 nor an IPv6 address",
            "wrong",
        ),
        (
            'ip_network == "10.0.0.0/8"',
            'ip_network is a /24 of IPv4: for another write ip in ["10.0.0.0/8"]',
            '"10.0.0.0/8"',
        ),
        (
            'ip_network == "192.0.2.1"',
            "ip_network is never '192.0.2.1': a network is written 192.0.2.0/24 or 2001:db8::/64",
            None,
        ),
        (
            'ip_network in ["2001:db8::1/64"]',
            "ip_network is never '2001:db8::1/64': write its first address: '2001:db8::/64'",
            None,
        ),
    ],
)
def test_what_could_never_hit_is_refused_with_a_way_out(
    text: str, message: str, at: str | None
) -> None:
    found = fault(text)
    assert found[0] == message
    assert at is None or found[1] == at


addresses = st.ip_addresses().map(str).map(canonical)
near = st.builds(
    lambda base, low: canonical(str(ip_address(base) + low)),
    st.sampled_from(("192.0.2.0", "2001:db8::", "10.0.0.0")),
    st.integers(0, 300),
)
nets = st.builds(
    lambda ip, bits: str(ip_network((ip, bits if ":" in ip else bits % 33), strict=False)),
    near | addresses,
    st.integers(0, 128),
)


@given(near | addresses, st.lists(nets | near, max_size=6))
def test_membership_is_that_of_the_standard_library(ip: str, texts: list[str]) -> None:
    wanted = any(ip_address(ip) in ip_network(text) for text in texts)
    assert (ip in Networks(texts)) is wanted


RULE = """id: r
version: 1
description: d
points: 10
when: ip == "999.1.1.1"
reason: "from {ip_network}"
tests:
  - name: hit
    hit: true
    given: {ip: "2001:DB8::1"}
  - name: miss
    hit: false
    given: {GIVEN}
"""
HEAD = "name: x\nversion: 1\ndescription: d\nthresholds: {review: 50, block: 80}\n"


@pytest.mark.parametrize(
    ("given_", "told"),
    [
        ("amount: 1", "r.yaml:5:13: ip is never '999.1.1.1'"),
        (
            "amount_major: 1.5",
            "amount_major comes from amount and currency: give that",
        ),
        ('ip_network: "10.0.0.0/24"', "r.yaml:13:13: ip_network comes from ip: give that"),
        ('ip: "10.0.0.0/8"', "r.yaml:13:17: ip is one address, no network"),
    ],
)
def test_a_file_shows_where(given_: str, told: str) -> None:
    with pytest.raises(InvalidRuleset) as caught:
        load({"ruleset.yaml": HEAD, "r.yaml": RULE.replace("GIVEN", given_)})
    assert told in str(caught.value)
