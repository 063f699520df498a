"""What of a payment is masked in the console: all that may point at a person.

Everyone sees it masked, by the policy of the settings (`privacy`). Who may, has it shown of one
payment, which is noted in the access log.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from risk.config.privacy import Privacy
from risk.engine.messages import MaskedTransaction, Reason
from risk.engine.privacy import LEAST, Masks, of_console, replaced

BY_DEFAULT: Final = of_console(Privacy())
HIDDEN: Final = BY_DEFAULT.mark
# By the field of the policy, the members of a payment.
_FIELDS: Final = {
    "ip": ("ip",),
    "device": ("device_id",),
    "card": ("card_token",),
    "place": ("lat", "lon"),
    "attributes": ("attributes", "undeclared"),
}


def masked(txn: MaskedTransaction, by: Masks = BY_DEFAULT) -> MaskedTransaction:
    """The payment as everyone may see it."""
    return replace(
        txn,
        ip=by.of_address(txn.ip),
        device_id=by.of_device(txn.device_id),
        card_token=by.of_card(txn.card_token),
        lat=by.of_degrees(txn.lat),
        lon=by.of_degrees(txn.lon),
        attributes=by.of_attributes(txn.attributes),
        undeclared=by.of_attributes(txn.undeclared),
    )


def present(txn: MaskedTransaction, by: Masks = BY_DEFAULT) -> tuple[str, ...]:
    """The members that the payment has, and that are masked."""
    return tuple(
        name
        for field, names in _FIELDS.items()
        for name in names
        if getattr(by, field) != "clear" and getattr(txn, name) not in (None, "", {})
    )


def reasons(
    found: Iterable[Reason], txn: MaskedTransaction, by: Masks = BY_DEFAULT
) -> tuple[Reason, ...]:
    """Reasons with the payment's masked values masked in their texts, too."""
    hidden = _hidden(txn, by)
    return tuple(replace(one, text=replaced(one.text, hidden)) for one in found)


def note(text: str, txn: MaskedTransaction, by: Masks = BY_DEFAULT) -> str:
    """What somebody wrote of the payment, with its masked values masked."""
    return replaced(text, _hidden(txn, by))


def _hidden(txn: MaskedTransaction, by: Masks) -> dict[str, str]:
    """What a text may quote of the payment, and what stands there instead."""
    hidden = {
        txn.ip: by.of_address(txn.ip) or by.mark,
        txn.device_id: txn.device_id if by.device == "clear" else by.mark,
        txn.card_token: txn.card_token if by.card == "clear" else by.mark,
    }
    for attributes in (txn.attributes, txn.undeclared):
        if by.attributes != "clear":
            values = (attributes or {}).values()
            hidden |= {value: by.mark for value in values if isinstance(value, str) and value}
    return {
        value: shown
        for value, shown in hidden.items()
        if len(value) >= LEAST or (value and value == txn.ip)
    }
