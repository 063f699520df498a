"""Payments as a key without `sensitive:read` sees them. Pure.

The card token is masked in any case, before it comes to the stores. Here the address becomes its
network, the device its last characters, the place a tenth of a degree; attributes are left out,
because they may be anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from risk.engine.payment.addresses import network

ATTRIBUTES: Final = ("attributes", "undeclared")
HIDDEN: Final = "****"
_KEPT: Final = 4  # characters of a device's id, if it has more than twice as many


def masked(payment: Mapping[str, Any], sensitive: bool) -> dict[str, Any]:
    """A payment with its `transaction` and its `scores`, whose reasons may quote it."""
    if sensitive:
        return dict(payment)
    txn = payment["transaction"] or {}
    shown = quotes(txn)
    scores = [{**score, "reasons": reasons(score["reasons"], shown)} for score in payment["scores"]]
    feedback = [{**said, "note": _without(said["note"], shown)} for said in payment["feedback"]]
    return {
        **payment,
        "transaction": transaction(txn) if txn else None,
        "scores": scores,
        "feedback": feedback,
    }


def transaction(txn: Mapping[str, Any]) -> dict[str, Any]:
    """A stored transaction without what says who or where somebody is."""
    found = dict(txn)
    for name in ("ip", "device_id"):
        if found.get(name):
            found[name] = _short(name, found[name])
    for name in ("lat", "lon"):
        if found.get(name) is not None:
            found[name] = round(found[name], 1)
    return found | dict.fromkeys(ATTRIBUTES)


def reasons(told: list[dict[str, Any]], shown: Mapping[str, str]) -> list[dict[str, Any]]:
    """Reasons whose texts have the short forms in place of what they quote."""
    return [{**reason, "text": _without(reason["text"], shown)} for reason in told]


def quotes(txn: Mapping[str, Any]) -> dict[str, str]:
    """What a text may quote of a transaction, and how it is shown instead; the longest first."""
    found = {txn[name]: _short(name, txn[name]) for name in ("ip", "device_id") if txn.get(name)}
    for name in ATTRIBUTES:
        for value in (txn.get(name) or {}).values():
            if isinstance(value, str) and len(value) >= _KEPT:
                found.setdefault(value, HIDDEN)
    return dict(sorted(found.items(), key=lambda one: -len(one[0])))


def _short(name: str, text: str) -> str:
    if name == "ip":
        return network(text)
    return HIDDEN + text[-_KEPT:] if len(text) > 2 * _KEPT else HIDDEN


def _without(text: str, shown: Mapping[str, str]) -> str:
    for whole, short in shown.items():
        text = text.replace(whole, short)
    return text
