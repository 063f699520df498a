"""What declared features read of a payment: its key, its fields and its conditions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, Final

from risk.engine.features.declared.keycode import Condition
from risk.engine.payment import contract
from risk.engine.payment.addresses import key as counted_under
from risk.engine.payment.contract import Kind
from risk.engine.payment.transaction import Transaction
from risk.engine.rules.compiler import compile_conditions
from risk.engine.rules.declaration import attribute
from risk.engine.rules.tree import Node

Read = Callable[[Transaction], Any]

_ADDRESS: Final = "ip"


def field(name: str) -> Read:
    """How a field or an attribute is read: a text is empty, all else None where it is missing."""
    if own := attribute(name):
        return lambda txn: contract.read(txn, *own)
    return attrgetter(name)


def fields(names: Sequence[str]) -> Callable[[Transaction], tuple[Any, ...]]:
    """How several are read at once, each as `field` says."""
    if len(names) < 2 or any(map(attribute, names)):
        reads = [field(name) for name in names]
        return lambda txn: tuple([read(txn) for read in reads])
    read_all: Callable[[Transaction], tuple[Any, ...]] = attrgetter(*names)
    return read_all


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
    together: dict[tuple[tuple[str, Kind], ...], dict[int, Node]] = {}  # those that read the same
    for number, one in enumerate(conditions):
        together.setdefault(one.attributes, {})[1 << number] = one.node
    met = [compile_conditions(nodes, dict(read)) for read, nodes in together.items()]
    if len(met) == 1:
        return met[0]
    return lambda txn, verdict: sum([one(txn, verdict) for one in met])


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
