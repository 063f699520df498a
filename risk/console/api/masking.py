"""Payments as a key without `sensitive:read` sees them, by the policy of the settings (`privacy`).

Pure. The card token is masked in any case, before it comes to the stores. By default the address
becomes its network, the device its last characters, the place a tenth of a degree; attributes are
left out, because they may be anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from risk.config.privacy import Privacy
from risk.engine.privacy import LEAST, Masks, of_api, replaced

ATTRIBUTES: Final = ("attributes", "undeclared")
BY_DEFAULT: Final = of_api(Privacy())


def masked(payment: Mapping[str, Any], sensitive: bool, by: Masks = BY_DEFAULT) -> dict[str, Any]:
    """A payment with its `transaction` and its `scores`, whose reasons may quote it."""
    if sensitive:
        return dict(payment)
    txn = payment["transaction"] or {}
    shown = quotes(txn, by)
    scores = [{**score, "reasons": reasons(score["reasons"], shown)} for score in payment["scores"]]
    feedback = [{**said, "note": replaced(said["note"], shown)} for said in payment["feedback"]]
    return {
        **payment,
        "transaction": transaction(txn, by) if txn else None,
        "scores": scores,
        "feedback": feedback,
    }


def transaction(txn: Mapping[str, Any], by: Masks = BY_DEFAULT) -> dict[str, Any]:
    """A stored transaction without what says who or where somebody is."""
    found = dict(txn)
    for name, short in _texts(by).items():
        if found.get(name):
            found[name] = short(found[name]) or None
    for name in ("lat", "lon"):
        if found.get(name) is not None:
            found[name] = by.of_degrees(found[name])
    return found | {name: by.of_attributes(found.get(name)) for name in ATTRIBUTES}


def present(txn: Mapping[str, Any], by: Masks = BY_DEFAULT) -> tuple[str, ...]:
    """The members that a stored transaction has, and that are masked."""
    shown = transaction(txn, by)
    return tuple(name for name in txn if shown[name] != txn[name])


def reasons(told: list[dict[str, Any]], shown: Mapping[str, str]) -> list[dict[str, Any]]:
    """Reasons whose texts have the short forms in place of what they quote."""
    return [{**reason, "text": replaced(reason["text"], shown)} for reason in told]


def quotes(txn: Mapping[str, Any], by: Masks = BY_DEFAULT) -> dict[str, str]:
    """What a text may quote of a transaction, and how it is shown instead."""
    found = {
        txn[name]: short(txn[name]) or by.mark
        for name, short in _texts(by).items()
        if txn.get(name)
    }
    for name in ATTRIBUTES if by.attributes != "clear" else ():
        for value in (txn.get(name) or {}).values():
            if isinstance(value, str) and len(value) >= LEAST:
                found.setdefault(value, by.mark)
    return found


def _texts(by: Masks) -> dict[str, Any]:
    return {"ip": by.of_address, "device_id": by.of_device, "card_token": by.of_card}
