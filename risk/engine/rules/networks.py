"""Addresses and networks in rules: which texts are one, and whether an address is in some."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final

from risk.engine.payment import addresses

FIELDS: Final = ("ip", "ip_network")
_MAPPED: Final = IPv6Network("::ffff:0:0/96")
Network = IPv4Network | IPv6Network


class Networks:
    """A list of addresses and networks: `ip in networks`, `ip` in canonical form or missing."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._hosts: set[str] = set()
        self._nets: dict[tuple[int, int], set[int]] = {}  # (version, host bits) -> networks
        for text in texts:
            if "/" in text:
                net = _network(text)
                shift = net.max_prefixlen - net.prefixlen
                self._nets.setdefault((net.version, shift), set()).add(
                    int(net.network_address) >> shift
                )
            else:
                self._hosts.add(addresses.canonical(text))

    def __contains__(self, ip: str) -> bool:
        if ip in self._hosts:
            return True
        if not self._nets or not ip:
            return False
        version, number = addresses.number(ip)
        return any(
            own == version and number >> shift in known
            for (own, shift), known in self._nets.items()
        )


def fault(field: str, text: str, *, listed: bool) -> str | None:
    """Why a text could never match the field, and what to write; None if it can.

    `listed`: it stands in a list, in which a network holds all of its addresses.
    """
    if field == "ip_network":
        return _fault_of_network(text)
    if "/" not in text:
        try:
            addresses.canonical(text)
        except ValueError as wrong:
            return f"ip is never {text!r}: {wrong}"
        return None
    try:
        net = _network(text)
    except ValueError:
        return f"ip is never {text!r}: {_mend(text)}"
    return None if listed else f'ip is one address, no network: write ip in ["{net}"]'


def canonical(field: str, text: str) -> str:
    """A text without fault as the field writes it; a network as it is."""
    if field == "ip_network":
        return str(_network(text))
    return text if "/" in text else addresses.canonical(text)


def _fault_of_network(text: str) -> str | None:
    try:
        net = _network(text)
    except ValueError:
        return f"ip_network is never {text!r}: {_mend(text)}"
    bits = addresses.IPV4_BITS if net.version == 4 else addresses.IPV6_BITS
    if net.prefixlen == bits:
        return None
    return f'ip_network is a /{bits} of IPv{net.version}: for another write ip in ["{net}"]'


def _network(text: str) -> Network:
    """Raises `ValueError`."""
    if "%" in text or "/" not in text or not text.rpartition("/")[2].isdecimal():
        raise ValueError(text)
    net = ip_network(text)
    if isinstance(net, IPv6Network) and net.subnet_of(_MAPPED):
        host = addresses.canonical(str(net.network_address))
        return IPv4Network(f"{host}/{net.prefixlen - 96}")
    return net


def _mend(text: str) -> str:
    try:
        meant = ip_network(text, strict=False) if "/" in text else None
    except ValueError:
        meant = None
    if meant is None:
        return "a network is written 192.0.2.0/24 or 2001:db8::/64"
    return f"write its first address: {str(meant)!r}"
