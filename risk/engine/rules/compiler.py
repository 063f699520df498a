"""All rules of a ruleset as one Python function, built from checked trees only.

The function is made of syntax-tree nodes, never of a rule's text, reads each name once into a
local, and runs in a namespace without builtins. Its arithmetic is total: x / 0 is 0.0, x % 0 is 0.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol

from risk.engine.features.catalogue import DAY
from risk.engine.features.named import Features
from risk.engine.payment import contract
from risk.engine.payment.addresses import network
from risk.engine.payment.currencies import MAJOR_UNIT
from risk.engine.payment.transaction import Transaction
from risk.engine.rules import networks
from risk.engine.rules.check import Lists
from risk.engine.rules.names import (
    ASKABLE,
    FIELDS,
    HOUR,
    NO_ATTRIBUTES,
    VERDICT,
    Attribute,
    Attributes,
    Kind,
    Value,
)
from risk.engine.rules.tree import (
    Binary,
    Has,
    Literal,
    Member,
    ModelCall,
    Name,
    Node,
    Unary,
    names,
)


class Hits(Protocol):
    """The rules that hit. `models` are the scores of models by name, if a rule asks for one."""

    def __call__(
        self, features: Features, txn: Transaction, late: bool, models: Mapping[str, int] = ..., /
    ) -> tuple[int, ...]:
        """The indexes of the rules that hit, in their order."""


_OPERATORS: Final[dict[str, ast.operator]] = {
    "+": ast.Add(),
    "-": ast.Sub(),
    "*": ast.Mult(),
    "/": ast.Div(),
    "%": ast.Mod(),
}
_COMPARISONS: Final[dict[str, ast.cmpop]] = {
    "==": ast.Eq(),
    "!=": ast.NotEq(),
    "<": ast.Lt(),
    "<=": ast.LtE(),
    ">": ast.Gt(),
    ">=": ast.GtE(),
    "in": ast.In(),
    "not in": ast.NotIn(),
}
# How hits(…) reads what it needs: all else are features. These texts are ours.
_ACCESS: Final[dict[str, str]] = {
    **{name: f"txn.{name}" for name in FIELDS},
    "late": "late",
    "hour_utc": f"txn.event_time // {HOUR} % 24",
    "weekday_utc": f"(txn.event_time // {DAY} + 3) % 7 + 1",
    "amount_major": "txn.amount / major_unit_of[txn.currency]",
    "major_unit": "major_unit_of[txn.currency]",
    "ip_network": "network_of(txn.ip)",
}
# What these need besides.
_HELPERS: Final[dict[str, tuple[str, Any]]] = {
    "amount_major": ("major_unit_of", MAJOR_UNIT),
    "major_unit": ("major_unit_of", MAJOR_UNIT),
    "ip_network": ("network_of", network),
}


def compile_rules(
    whens: Sequence[Node], lists: Lists, attributes: Attributes = NO_ATTRIBUTES
) -> Hits:
    """The indexes of the expressions that are true, in their order, as a function.

    The expressions have passed `check` with the same lists and attributes.
    """
    hits: Hits = _compiled(
        {f"({index},)": when for index, when in enumerate(whens)}, "()", lists, attributes
    )
    return hits


def _compiled(whens: Mapping[str, Node], nothing: str, lists: Lists, attributes: Attributes) -> Any:
    """A function that adds to `nothing` what stands for each expression that is true."""
    used = sorted({name for when in whens.values() for name in names(when)})
    emitter = _Emitter(lists, attributes)
    reads = [line for name in used for line in _reads(name, attributes)]
    head = "def hits(features, txn, late, models=None):"
    module = ast.parse("\n    ".join([head, *reads, f"found = {nothing}"]))
    function = module.body[0]
    if not isinstance(function, ast.FunctionDef):  # pragma: no cover
        raise TypeError("not a function")
    for told, when in whens.items():
        hit = ast.parse(f"found += {told}").body
        function.body.append(ast.If(emitter.emit(when), hit, []))
    function.body.append(ast.Return(ast.Name("found", ast.Load())))
    namespace: dict[str, Any] = {"__builtins__": {}, **emitter.networks}
    namespace |= dict(_HELPERS[name] for name in used if name in _HELPERS)
    if any(name in attributes for name in used):
        namespace["attribute_of"] = contract.read
    exec(compile(ast.fix_missing_locations(module), "<ruleset>", "exec"), namespace)  # noqa: S102
    return namespace["hits"]


class _Verdict(NamedTuple):
    """What a condition reads besides the payment, where a rule reads features."""

    verdict: str


def compile_conditions(
    conditions: Mapping[int, Node], attributes: Mapping[str, Kind]
) -> Callable[[Transaction, str], int]:
    """The sum of the numbers of the conditions that a payment with that verdict, empty for none,
    meets.

    They read the payment's fields and these attributes only, and no named list.
    """
    declared = {name: Attribute(kind, "") for name, kind in attributes.items()}
    met = _compiled({str(one): node for one, node in conditions.items()}, "0", {}, declared)
    if not any(VERDICT in names(condition) for condition in conditions.values()):
        return lambda txn, verdict: met(None, txn, False)
    return lambda txn, verdict: met(_Verdict(verdict), txn, False)


def _local(name: str) -> str:
    return f"v_{name}"


def _own(name: str) -> str:
    """The local that is None where the payment doesn't have an attribute."""
    return f"own_{name}"


def _reads(name: str, attributes: Attributes) -> Iterator[str]:
    """The lines that read a name. Names are words: `[a-z][a-z0-9_]*`."""
    if attribute := attributes.get(name):
        own, neutral = _own(name), contract.NEUTRAL[attribute.kind]
        yield f"{own} = attribute_of(txn, {name!r}, {attribute.kind!r})"
        yield f"{_local(name)} = {neutral!r} if {own} is None else {own}"
    elif name in _ACCESS:
        yield f"{_local(name)} = {_ACCESS[name]}"
    elif name not in ASKABLE:  # these are only asked for
        yield f"{_local(name)} = features.{name}"


class _Emitter:
    def __init__(self, lists: Lists, attributes: Attributes) -> None:
        self._attributes = attributes
        self._sets = {name: frozenset(values) for name, values in lists.items()}
        self._divisors: Iterator[int] = itertools.count()
        self.networks: dict[str, networks.Networks] = {}  # by their name in the function

    def emit(self, node: Node) -> ast.expr:
        if isinstance(node, Literal):
            return ast.Constant(node.value)
        if isinstance(node, Name):
            return ast.Name(_local(node.name), ast.Load())
        if isinstance(node, Has):
            return self._has(node.name.name)
        if isinstance(node, ModelCall):
            scores = ast.Name("models", ast.Load())
            return ast.Subscript(scores, ast.Constant(node.name.value), ast.Load())
        if isinstance(node, Unary):
            op = ast.Not() if node.op == "not" else ast.USub()
            return ast.UnaryOp(op, self.emit(node.operand))
        if isinstance(node, Member):
            return self._compare(self.emit(node.item), node.op, self._members(node))
        if isinstance(node, Binary):
            return self._binary(node)
        raise TypeError(type(node).__name__)

    def _has(self, name: str) -> ast.expr:
        if name in self._attributes:
            own = ast.Name(_own(name), ast.Load())
            return ast.Compare(own, [ast.IsNot()], [ast.Constant(None)])
        missing = ast.Tuple([ast.Constant(""), ast.Constant(None)], ast.Load())
        value = ast.Attribute(ast.Name("txn", ast.Load()), name, ast.Load())
        return ast.Compare(value, [ast.NotIn()], [missing])

    def _binary(self, node: Binary) -> ast.expr:
        left, right = self._side(node.left, node.right), self._side(node.right, node.left)
        if node.op in ("and", "or"):
            return ast.BoolOp(ast.And() if node.op == "and" else ast.Or(), [left, right])
        if node.op in _COMPARISONS:
            return self._compare(left, node.op, right)
        if node.op in ("/", "%"):
            return self._divide(left, node.op, right)
        return ast.BinOp(left, _OPERATORS[node.op], right)

    def _divide(self, left: ast.expr, op: str, right: ast.expr) -> ast.expr:
        # left / d if (d := right) else 0.0, with the divisor worked out once.
        local = f"d_{next(self._divisors)}"
        divisor = ast.NamedExpr(ast.Name(local, ast.Store()), right)
        quotient = ast.BinOp(left, _OPERATORS[op], ast.Name(local, ast.Load()))
        return ast.IfExp(divisor, quotient, ast.Constant(0.0 if op == "/" else 0))

    def _compare(self, left: ast.expr, op: str, right: ast.expr) -> ast.expr:
        return ast.Compare(left, [_COMPARISONS[op]], [right])

    def _side(self, node: Node, other: Node) -> ast.expr:
        """One side of an operator: an address beside `ip` as `ip` writes it."""
        if isinstance(node, Literal) and (field := _field(other)):
            return ast.Constant(networks.canonical(field, str(node.value)))
        return self.emit(node)

    def _members(self, node: Member) -> ast.expr:
        members: frozenset[Value]
        if isinstance(node.members, Name):
            members = self._sets[node.members.name]
        else:
            members = frozenset(member.value for member in node.members)
        field = _field(node.item)
        if field == "ip":
            key = f"n_{len(self.networks)}"
            self.networks[key] = networks.Networks(map(str, members))
            return ast.Name(key, ast.Load())
        if field:
            members = frozenset(networks.canonical(field, str(member)) for member in members)
        # A constant frozenset is what Python itself makes of `in {…}`; typeshed doesn't say so.
        return ast.Constant(members)  # type: ignore[arg-type]


def _field(node: Node) -> str | None:
    """The field of addresses or networks that a node is, if it is one."""
    return node.name if isinstance(node, Name) and node.name in networks.FIELDS else None
