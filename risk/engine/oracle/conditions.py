"""A condition on a payment, worked out on its tree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from risk.engine.payment.addresses import network
from risk.engine.payment.contract import NEUTRAL, Kind, typed
from risk.engine.payment.transaction import Transaction
from risk.engine.rules.names import VERDICT, read
from risk.engine.rules.networks import Networks, canonical
from risk.engine.rules.tree import Binary, Has, Literal, Member, Name, Node, Unary


def holds(node: Node, txn: Transaction, attributes: Mapping[str, Kind], verdict: str = "") -> bool:
    """Whether a payment meets a condition that reads its fields and these attributes only.

    `verdict` is what became of it; empty if that isn't known.
    """
    own = txn.attributes or {}
    known = {name: typed(own.get(name), kind) for name, kind in attributes.items()}
    return bool(_Payment(txn, known, attributes, verdict).value(node))


class _Payment(NamedTuple):
    """A payment; the values of its attributes, None for those that it lacks; their types; and its
    verdict.
    """

    txn: Transaction
    known: Mapping[str, Any]
    kinds: Mapping[str, Kind]
    verdict: str

    def value(self, node: Node) -> Any:
        """Of a part of a condition."""
        if isinstance(node, Literal):
            return node.value
        if isinstance(node, Name):
            return self._named(node.name)
        if isinstance(node, Has):
            return self._has(node.name.name)
        if isinstance(node, Unary):
            found = self.value(node.operand)
            return not found if node.op == "not" else -found
        if isinstance(node, Member):
            return self._is_member(node) is (node.op == "in")
        if isinstance(node, Binary):
            return self._binary(node)
        raise TypeError(type(node).__name__)

    def _named(self, name: str) -> Any:
        if name in self.kinds:
            value = self.known[name]
            return NEUTRAL[self.kinds[name]] if value is None else value
        if name == VERDICT:
            return self.verdict
        nothing: Any = None
        return read(name, nothing, self.txn)

    def _has(self, name: str) -> bool:
        value = self.known[name] if name in self.kinds else getattr(self.txn, name)
        return value is not None and (name in self.kinds or value != "")

    def _binary(self, node: Binary) -> Any:
        left = self.value(node.left)
        if node.op == "and":
            return left and self.value(node.right)
        if node.op == "or":
            return left or self.value(node.right)
        right = self.value(node.right)
        if node.op in ("==", "!="):
            return self._equal(node, left, right) is (node.op == "==")
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

    def _equal(self, node: Binary, left: Any, right: Any) -> bool:
        """Addresses and networks may be written in several ways."""
        for one, value in ((node.left, right), (node.right, left)):
            if isinstance(one, Name) and one.name in ("ip", "ip_network"):
                return bool(self.value(one) == canonical(one.name, str(value)))
        return bool(left == right)

    def _is_member(self, node: Member) -> bool:
        assert not isinstance(node.members, Name)
        members = [member.value for member in node.members]
        if isinstance(node.item, Name) and node.item.name == "ip":
            return self.txn.ip in Networks(map(str, members))
        if isinstance(node.item, Name) and node.item.name == "ip_network":
            own = network(self.txn.ip)
            return own in [canonical("ip_network", str(member)) for member in members]
        return self.value(node.item) in members
