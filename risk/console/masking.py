"""What of a payment is masked: where it came from, and what else may point at a person.

Everyone sees it masked. Who may, has it shown of one payment, which is noted in the access log.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address
from typing import Final

from msgspec.structs import replace

from risk.engine.messages import MaskedTransaction, Reason
from risk.registry.users import Role

HIDDEN: Final = "•••"
SENSITIVE: Final = ("ip", "device_id", "card_token", "attributes", "undeclared")
MAY_REVEAL: Final[Role] = "analyst"
_LEAST: Final = 4  # characters: what is shorter stands in a sentence by chance


def masked(txn: MaskedTransaction) -> MaskedTransaction:
    """The payment as everyone may see it."""
    return replace(
        txn,
        ip=txn.ip and address(txn.ip),
        device_id=txn.device_id and device(txn.device_id),
        card_token=txn.card_token and HIDDEN,
        attributes=dict.fromkeys(txn.attributes, HIDDEN) if txn.attributes else txn.attributes,
        undeclared=dict.fromkeys(txn.undeclared, HIDDEN) if txn.undeclared else txn.undeclared,
    )


def present(txn: MaskedTransaction) -> tuple[str, ...]:
    """The sensitive fields that the payment has."""
    return tuple(name for name in SENSITIVE if getattr(txn, name))


def reasons(found: Iterable[Reason], txn: MaskedTransaction) -> tuple[Reason, ...]:
    """Reasons with the payment's sensitive values masked in their texts, too."""
    hidden = {txn.ip: address(txn.ip) if txn.ip else "", txn.device_id: HIDDEN}
    hidden[txn.card_token] = HIDDEN
    for attributes in (txn.attributes, txn.undeclared):
        values = (attributes or {}).values()
        hidden |= {value: HIDDEN for value in values if isinstance(value, str) and value}
    # The longest first: one value may be a part of another.
    long = (value for value in hidden if len(value) >= _LEAST or (value and value == txn.ip))
    texts = sorted(long, key=len, reverse=True)

    def told(text: str) -> str:
        for value in texts:
            text = text.replace(value, hidden[value])
        return text

    return tuple(replace(one, text=told(one.text)) for one in found)


def address(text: str) -> str:
    """An IP address by its network: /24 of IPv4, /48 of IPv6."""
    try:
        found = ip_address(text)
    except ValueError:
        return HIDDEN
    if isinstance(found, IPv6Address):
        groups = found.exploded.split(":")[:3]
        return ":".join(group.lstrip("0") or "0" for group in groups) + f":{HIDDEN}"
    return ".".join([*text.split(".")[:3], HIDDEN])


def device(text: str) -> str:
    """A device's id by how it begins, if it is long enough for that to say little."""
    return f"{text[:3]}{HIDDEN}" if len(text) >= 3 * _LEAST else HIDDEN
