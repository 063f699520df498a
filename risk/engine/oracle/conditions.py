"""A condition on a payment, worked out on its tree."""

from __future__ import annotations

from typing import Any

from risk.engine.payment.addresses import network
from risk.engine.payment.transaction import Transaction
from risk.engine.rules.names import read
from risk.engine.rules.networks import Networks, canonical
from risk.engine.rules.tree import Binary, Has, Literal, Member, Name, Node, Unary


def holds(node: Node, txn: Transaction) -> bool:
    """Whether a payment meets a condition that reads its fields only."""
    return bool(_value(node, txn))


def _value(node: Node, txn: Transaction) -> Any:
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Name):
        nothing: Any = None
        return read(node.name, nothing, txn)
    if isinstance(node, Has):
        return getattr(txn, node.name.name) not in ("", None)
    if isinstance(node, Unary):
        found = _value(node.operand, txn)
        return not found if node.op == "not" else -found
    if isinstance(node, Member):
        return _is_member(node, txn) is (node.op == "in")
    if isinstance(node, Binary):
        return _binary(node, txn)
    raise TypeError(type(node).__name__)


def _binary(node: Binary, txn: Transaction) -> Any:
    left = _value(node.left, txn)
    if node.op == "and":
        return left and _value(node.right, txn)
    if node.op == "or":
        return left or _value(node.right, txn)
    right = _value(node.right, txn)
    if node.op in ("==", "!="):
        return _equal(node, left, right, txn) is (node.op == "==")
    if node.op == "/":
        return left / right if right else 0.0
    if node.op == "%":
        return left % right if right else 0
    return {
        "<": lambda: left < right,
        "<=": lambda: left <= right,
        ">": lambda: left > right,
        ">=": lambda: left >= right,
        "+": lambda: left + right,
        "-": lambda: left - right,
        "*": lambda: left * right,
    }[node.op]()


def _equal(node: Binary, left: Any, right: Any, txn: Transaction) -> bool:
    """Addresses and networks may be written in several ways."""
    for one, value in ((node.left, right), (node.right, left)):
        if isinstance(one, Name) and one.name in ("ip", "ip_network") and isinstance(value, str):
            return bool(_value(one, txn) == canonical(one.name, value))
    return bool(left == right)


def _is_member(node: Member, txn: Transaction) -> bool:
    assert not isinstance(node.members, Name)
    members = [member.value for member in node.members]
    if isinstance(node.item, Name) and node.item.name == "ip":
        return txn.ip in Networks(map(str, members))
    if isinstance(node.item, Name) and node.item.name == "ip_network":
        return network(txn.ip) in [canonical("ip_network", str(member)) for member in members]
    return _value(node.item, txn) in members
