"""What the oracle reads of a payment for declared features, and makes of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import Any

from risk.engine.features.catalogue import MOST, FeatureValue
from risk.engine.payment.addresses import key as counted_under
from risk.engine.payment.contract import typed
from risk.engine.payment.transaction import Transaction
from risk.engine.rules.declaration import Declaration, attribute

Order = tuple[int, str, str]


def order(txn: Transaction) -> Order:
    """By what events are ordered."""
    return txn.event_time, txn.event_id, txn.user_id


def key_of(one: Declaration, txn: Transaction) -> tuple[Any, ...]:
    """A payment's key; None in place of what it lacks."""
    return tuple(_key_part(txn, name) for name in one.key)


def _key_part(txn: Transaction, name: str) -> Any:
    value = read(txn, name)
    return counted_under(value) if name == "ip" and value is not None else value


def read(txn: Transaction, name: str) -> Any:
    """A field or an attribute; None where the payment lacks it."""
    if own := attribute(name):
        return typed((txn.attributes or {}).get(own[0]), own[1])
    value = getattr(txn, name)
    return None if value == "" else value


def of_numbers(value: str, found: Sequence[int]) -> FeatureValue:
    """A value of these numbers, in their order."""
    if value == "sum":
        return max(-MOST - 1, min(sum(found), MOST))
    if value == "mean":
        return round(sum(found) / len(found), 4) if found else 0.0
    if value == "stddev":
        if not found:
            return 0.0
        # n² times the variance, in whole numbers: no rounding comes before the root.
        spread = len(found) * sum(number * number for number in found) - sum(found) ** 2
        return round(sqrt(spread) / len(found), 4)
    if value == "first":
        return found[0] if found else 0
    return {"min": min, "max": max}[value](found) if found else 0
