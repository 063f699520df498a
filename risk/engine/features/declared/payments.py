"""What declared features read of a payment: its key, its fields and its conditions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, Final

from risk.engine.features.declared.keycode import Condition
from risk.engine.payment import contract
from risk.engine.payment.addresses import key as counted_under
from risk.engine.payment.contract import Kind
from risk.engine.payment.transaction import MISSING, Transaction
from risk.engine.rules.compiler import compile_conditions
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


def fields(names: Sequence[str]) -> Callable[[Transaction], tuple[Any, ...]]:
    """How several are read at once, each as `field` says."""
    if len(names) < 2 or any(map(attribute, names)):
        reads = [field(name) for name in names]
        return lambda txn: tuple([read(txn) for read in reads])
    read_all = attrgetter(*names)

    def read(txn: Transaction) -> tuple[Any, ...]:
        found: tuple[Any, ...] = read_all(txn)
        if MISSING in found:
            return tuple([None if value == MISSING else value for value in found])
        return found

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
        return "".join([f"{len(part)}:{part}" for part in parts]) if all(parts) else ""

    return read


def flags(conditions: Sequence[Condition]) -> Callable[[Transaction, str], int]:
    """A bit for each condition that a payment with that verdict meets, the first the lowest."""
    together: dict[tuple[tuple[str, Kind], ...], list[int]] = {}  # those that read the same
    for number, one in enumerate(conditions):
        together.setdefault(one.attributes, []).append(number)
    compiled = [
        (
            compile_conditions([conditions[number].node for number in numbers], dict(attributes)),
            [1 << number for number in numbers],
        )
        for attributes, numbers in together.items()
    ]

    def read(txn: Transaction, verdict: str) -> int:
        found = 0
        for met, bits in compiled:
            for index in met(txn, verdict):
                found |= bits[index]
        return found

    return read


def _key_part(name: str) -> Callable[[Transaction], str]:
    if name == _ADDRESS:
        return lambda txn: counted_under(txn.ip)
    if not attribute(name):  # a text, empty where the payment lacks it
        return attrgetter(name)
    one = field(name)

    def read(txn: Transaction) -> str:
        value = one(txn)
        return "" if value is None else str(value)

    return read
