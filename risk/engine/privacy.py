"""How a value that may point at a person is shown: the one place where values are masked. Pure.

Scoring never asks: rules and features see payments as they came.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from ipaddress import IPv6Address, ip_address
from typing import Any, Final, NamedTuple

from risk.config.privacy import Attributes, Card, Device, Ip, Place, Privacy
from risk.engine.payment.addresses import network

LEAST: Final = 4  # characters: what is shorter stands in a sentence by chance, and says all
_HASHED: Final = 12  # hexadecimal digits


class Masks(NamedTuple):
    """One audience's. `mark` stands for what is hidden; `cidr`: a network is told as such."""

    card: Card
    ip: Ip
    device: Device
    place: Place
    attributes: Attributes
    mark: str
    cidr: bool
    salt: str = ""

    def of_card(self, token: str) -> str:
        """A card's token, of which the scoring job has left the last characters."""
        return self._shown(self.card, token)

    def of_address(self, ip: str) -> str:
        """An address: `network` is the /24 of IPv4; of IPv6 the /48, as CIDR the /64."""
        if self.ip != "network" or not ip:
            return self._shown(self.ip, ip)
        try:
            found = ip_address(ip)
        except ValueError:
            return self.mark
        if self.cidr:
            return network(ip)
        if isinstance(found, IPv6Address):
            groups = found.exploded.split(":")[:3]
            return ":".join(group.lstrip("0") or "0" for group in groups) + f":{self.mark}"
        return ".".join([*ip.split(".")[:3], self.mark])

    def of_device(self, device: str) -> str:
        """A device's id; a short one is hidden whole, as a part of it would say too much."""
        if self.device == "first3" and device:
            return f"{device[:3]}{self.mark}" if len(device) >= 3 * LEAST else self.mark
        if self.device == "last4" and device:
            return self.mark + device[-LEAST:] if len(device) > 2 * LEAST else self.mark
        return self._shown(self.device, device)

    def of_degrees(self, degrees: float | None) -> float | None:
        """A latitude or a longitude: `tenth` is to 0.1°, some 10 km."""
        if degrees is None or self.place == "omit":
            return None
        return round(degrees, 1) if self.place == "tenth" else degrees

    def of_attributes(self, values: Mapping[str, Any] | None) -> dict[str, Any] | None:
        """Attributes, which may be anything: hidden, their names are still shown."""
        if values is None or self.attributes == "omit":
            return None
        return dict.fromkeys(values, self.mark) if self.attributes == "hidden" else dict(values)

    def _shown(self, way: str, text: str) -> str:
        if way == "clear" or not text:
            return text
        if way == "omit":
            return ""
        if way == "hash":
            return hashed(text, self.salt)
        return self.mark


def hashed(text: str, salt: str) -> str:
    """What stands for a value: equal ones look equal."""
    return sha256(f"{salt}\0{text}".encode(errors="replace")).hexdigest()[:_HASHED]


def replaced(text: str, shown: Mapping[str, str]) -> str:
    """The text with each of these values shown otherwise; the longest first, as one may be a part
    of another.
    """
    for value in sorted(shown, key=len, reverse=True):
        text = text.replace(value, shown[value])
    return text


def of_console(found: Privacy) -> Masks:
    """What the console shows."""
    return Masks(
        *(found.console_card, found.console_ip, found.console_device, found.console_place),
        *(found.console_attributes, "•••", False, found.salt or ""),
    )


def of_api(found: Privacy) -> Masks:
    """What the HTTP API answers."""
    return Masks(
        *(found.api_card, found.api_ip, found.api_device, found.api_place),
        *(found.api_attributes, "****", True, found.salt or ""),
    )
