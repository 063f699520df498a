"""IP addresses: the one way in which each is written, and the network it is of.

IPv6 is written as RFC 5952 says (section 4). An IPv4 address mapped into IPv6 is the IPv4 address.
Zones (`fe80::1%eth0`) mean something on one host only, and are refused.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Final

IPV6_BITS: Final = 64  # of a network: what one customer is given, and may choose from at will
IPV4_BITS: Final = 24

# Most addresses are written as they should be, and told so quickly: IPv4; eight groups of IPv6; and
# `::` for two groups or more. Not those with a `::` in front, which may be a mapped address.
_B = "(?:[1-9]?[0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-5])"
_IPV4 = re.compile(rf"{_B}\.{_B}\.{_B}\.{_B}")
_G = "(?:0|[1-9a-f][0-9a-f]{0,3})"
_IPV6 = re.compile(
    rf"(?:{_G}:){{7}}{_G}|(?:{_G}:){{1,5}}:{_G}|(?:{_G}:){{1,4}}(?::{_G}){{2}}"
    rf"|(?:{_G}:){{1,3}}(?::{_G}){{3}}|(?:{_G}:){{1,2}}(?::{_G}){{4}}|{_G}:(?::{_G}){{5}}"
)
is_ipv4 = _IPV4.fullmatch


def is_usual_ipv6(text: str) -> bool:
    """Whether it surely is IPv6 as it is written here. Nothing is said of the others."""
    return (
        _IPV6.fullmatch(text) is not None
        # The zeros of these may have to be written in another way.
        and ":0:0" not in text
        and ":0::" not in text
        and "::0" not in text
        and not text.startswith("0:")
    )


def canonical(text: str) -> str:
    """An address as it is written here. Raises `ValueError`, which says what is wrong."""
    if is_ipv4(text) or is_usual_ipv6(text):
        return text
    if "%" in text:
        raise ValueError("has a zone: send the address up to the %")
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise ValueError("neither an IPv4 nor an IPv6 address") from None
    if isinstance(address, ipaddress.IPv6Address):
        return str(address.ipv4_mapped or ipaddress.IPv6Address(int(address)))
    return str(address)


def key(ip: str) -> str:
    """What a canonical address is counted under: itself if IPv4, else the first of its /64.

    So an IPv6 host that changes its lower half at will stays one. The key of a key is itself.
    """
    if ":" not in ip:
        return ip
    head, gap, tail = ip.partition("::")
    groups = head.split(":") if head else []
    if gap and len(groups) < 4:
        after = tail.split(":") if tail else []
        groups += ["0"] * (8 - len(groups) - len(after)) + after
    return ":".join(groups[:4]) + "::"


def number(ip: str) -> tuple[int, int]:
    """The version of a canonical address, and the number that it is."""
    if ":" in ip:
        return 6, int(ipaddress.IPv6Address(ip))
    first, second, third, last = ip.split(".")
    return 4, int(first) << 24 | int(second) << 16 | int(third) << 8 | int(last)


def network(ip: str) -> str:
    """The /24 of a canonical IPv4 address, the /64 of an IPv6 one; of none none."""
    if not ip:
        return ip
    if ":" not in ip:
        return ip.rpartition(".")[0] + ".0/24"
    return f"{ipaddress.IPv6Address(key(ip))}/{IPV6_BITS}"
