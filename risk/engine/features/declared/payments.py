"""What declared features read of a payment: its key, its fields and its conditions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from risk.engine.features.declared.keycode import Condition
from risk.engine.payment import contract
from risk.engine.payment.addresses import key as counted_under
from risk.engine.payment.transaction import MISSING, Transaction
from risk.engine.rules.compiler import compile_condition
from risk.engine.rules.declaration import attribute

Read = Callable[[Transaction], Any]

_ADDRESS: Final = "ip"


def field(name: str) -> Read:
    """How a field or an attribute is read; None where a payment lacks it."""
    if own := attribute(name):
        return lambda txn: contract.read(txn, *own)

    def read(txn: Transaction) -> Any:
        value = getattr(txn, name)
        return None if value == MISSING else value

    return read


def key(names: Sequence[str]) -> Callable[[Transaction], str]:
    """How a key is read: an empty one where a payment lacks a field of it.

    Addresses are counted under what one host may use: of IPv6 its /64. Parts of a tuple are told
    apart by their lengths.
    """
    reads = [_key_part(name) for name in names]
    if len(reads) == 1:
        return reads[0]

    def read(txn: Transaction) -> str:
        parts = [part(txn) for part in reads]
        return "".join(f"{len(part)}:{part}" for part in parts) if all(parts) else ""

    return read


def flags(conditions: Sequence[Condition]) -> Callable[[Transaction, str], int]:
    """A bit for each condition that a payment with that verdict meets, the first the lowest."""
    met = [compile_condition(one.node, dict(one.attributes)) for one in conditions]
    return lambda txn, verdict: sum(
        [1 << bit for bit, meets in enumerate(met) if meets(txn, verdict)]
    )


def _key_part(name: str) -> Callable[[Transaction], str]:
    if name == _ADDRESS:
        return lambda txn: counted_under(txn.ip)
    one = field(name)

    def read(txn: Transaction) -> str:
        value = one(txn)
        return "" if value is None else str(value)

    return read
