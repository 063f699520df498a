"""The types of an expression: every fault of it, each with its place."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

from risk.engine.rules.errors import Fault, did_you_mean
from risk.engine.rules.modelcall import called
from risk.engine.rules.names import (
    ASKABLE,
    KINDS,
    NO_MODELS,
    Kind,
    Kinds,
    Models,
    Value,
)
from risk.engine.rules.tree import (
    BINDING,
    COMPARE,
    Binary,
    Has,
    Literal,
    Member,
    ModelCall,
    Name,
    Node,
    Unary,
)
from risk.engine.rules.values import comparable, kind_of, misshapen, unknown

Lists = Mapping[str, tuple[Value, ...]]

# Whole numbers are exact, so a product could outgrow a float and fail at run time. A feature has
# 63 bits, and is taken for one of 96 here; what could pass this bound is refused beforehand.
FEATURE_BITS: Final = 96
MAX_BITS: Final = 960
SCORE_BITS: Final = 10  # of a model

_MEANING: Final[dict[Kind, str]] = {
    "int": "a whole number",
    "float": "a fraction",
    "bool": "true or false",
    "str": "a text",
}


class Type(NamedTuple):
    """A node's type; None where a fault was already found. `bits` bounds a whole number."""

    kind: Kind | None
    bits: int = 0


def check(
    node: Node,
    lists: Lists,
    kinds: Kinds = KINDS,
    attributes: Collection[str] = (),
    models: Models = NO_MODELS,
) -> list[Fault]:
    """Every type fault of a `when`, which has to come out as true or false.

    `kinds` are the types of all names that it may read, `attributes` those that a payment may lack
    besides its fields, and `models` those that it may ask.
    """
    checker = _Checker(lists, kinds, attributes, models)
    kind = checker.type(node).kind
    if kind not in ("bool", None):
        checker.fault(node, f"a 'when' is true or false, but this is {_a(kind)}: compare it")
    return checker.faults


class _Checker:
    def __init__(
        self, lists: Lists, kinds: Kinds, attributes: Collection[str], models: Models
    ) -> None:
        self._lists, self._kinds, self._models = lists, kinds, models
        self._askable = (*ASKABLE, *attributes)
        self.faults: list[Fault] = []

    def fault(self, node: Node, message: str) -> Type:
        self.faults.append(Fault(node.start, node.end, message))
        return Type(None)

    def type(self, node: Node) -> Type:
        if isinstance(node, Literal):
            kind = kind_of(node.value)
            return Type(kind, int(node.value).bit_length() if kind == "int" else 0)
        if isinstance(node, Name):
            return self._name(node)
        if isinstance(node, Has):
            return self._has(node.name)
        if isinstance(node, ModelCall):
            self.faults += called(node, self._models)
            return Type("int", SCORE_BITS)
        if isinstance(node, Unary):
            return self._unary(node)
        if isinstance(node, Member):
            return self._member(node)
        if isinstance(node, Binary):
            if node.op in ("and", "or"):
                return self._logic(node)
            return self._compare(node) if BINDING[node.op] == COMPARE else self._arithmetic(node)
        raise TypeError(type(node).__name__)

    def _name(self, node: Name) -> Type:
        kind = self._kinds.get(node.name)
        if kind is not None:
            return Type(kind, FEATURE_BITS)
        if node.name in self._lists:
            return self.fault(node, f"{node.name} is a list: it stands only after 'in'")
        hint = did_you_mean(node.name, [*self._kinds, "true", "false"])
        return self.fault(node, unknown(node.name, hint))

    def _has(self, name: Name) -> Type:
        if name.name not in self._askable:
            if name.name in self._kinds or name.name in ("event_id", "event_time"):
                return self.fault(name, f"{name.name} is always there: leave has(…) out")
            hint = did_you_mean(name.name, self._askable)
            self.fault(name, unknown(name.name, hint))
        return Type("bool")

    def _unary(self, node: Unary) -> Type:
        operand = self.type(node.operand)
        wanted = ("bool",) if node.op == "not" else ("int", "float")
        if operand.kind is not None and operand.kind not in wanted:
            needs = "true or false" if node.op == "not" else "a number"
            return self.fault(
                node.operand, f"'{node.op}' needs {needs}, this is {_a(operand.kind)}"
            )
        return operand

    def _logic(self, node: Binary) -> Type:
        for side in (node.left, node.right):
            kind = self.type(side).kind
            if kind not in ("bool", None):
                self.fault(side, f"'{node.op}' needs true or false, this is {_a(kind)}")
        return Type("bool")

    def _compare(self, node: Binary) -> Type:
        left, right = self.type(node.left), self.type(node.right)
        if not comparable(left.kind, right.kind):
            hint = _quote(node.left, right.kind) or _quote(node.right, left.kind)
            self.fault(node, f"{_a(left.kind)} is never compared with {_a(right.kind)}{hint}")
        elif node.op not in ("==", "!="):
            kind = left.kind or right.kind
            if kind in ("bool", "str"):
                self.fault(node, f"'{node.op}' orders numbers, this is {_a(kind)}")
        for one, other in ((node.left, node.right), (node.right, node.left)):
            if isinstance(one, Name) and isinstance(other, Literal):
                self._shape(one, other)
        return Type("bool")

    def _shape(self, name: Name, value: Literal, *, listed: bool = False) -> None:
        message = misshapen(name.name, value.value, listed=listed)
        if message:
            self.fault(value, message)

    def _arithmetic(self, node: Binary) -> Type:
        sides = [self.type(node.left), self.type(node.right)]
        wanted = ("int",) if node.op == "%" else ("int", "float")
        known = True
        for side, kind in zip((node.left, node.right), (s.kind for s in sides), strict=True):
            if kind is not None and kind not in wanted:
                needs = "whole numbers" if node.op == "%" else "numbers"
                self.fault(side, f"'{node.op}' needs {needs}, this is {_a(kind)}")
            known = known and kind in wanted
        if not known:
            return Type(None)
        if node.op == "/" or "float" in (sides[0].kind, sides[1].kind):
            return Type("float")
        bits = _bits(node.op, sides[0].bits, sides[1].bits)
        if bits > MAX_BITS:
            return self.fault(node, "this can grow too large: multiply fewer numbers")
        return Type("int", bits)

    def _member(self, node: Member) -> Type:
        item = self.type(node.item)
        if isinstance(node.members, Name):
            self._named(node.item, item.kind, node.members)
            return Type("bool")
        seen: set[tuple[bool, Value]] = set()
        for member in node.members:
            kind = kind_of(member.value)
            if not comparable(item.kind, kind):
                self.fault(member, f"{_a(item.kind)} is never in a list with {_a(kind)}")
            elif (kind == "bool", member.value) in seen:
                self.fault(member, "twice in this list")
            elif isinstance(node.item, Name):
                self._shape(node.item, member, listed=True)
            seen.add((kind == "bool", member.value))
        return Type("bool")

    def _named(self, item: Node, kind: Kind | None, name: Name) -> None:
        values = self._lists.get(name.name)
        if values is None:
            hint = did_you_mean(name.name, list(self._lists))
            self.fault(name, f"no list is called {name.name}{hint}")
            return
        for value in values:
            if not comparable(kind, kind_of(value)):
                wrong = f"list {name.name} holds {_a(kind_of(value))}, this is {_a(kind)}"
                self.fault(item, wrong)
                return
            message = misshapen(item.name, value, listed=True) if isinstance(item, Name) else None
            if message:
                self.fault(name, f"in list {name.name}: {message}")
                return


def _quote(node: Node, other: Kind | None) -> str:
    """What to write where a number stands for a text, such as a merchant category."""
    number = isinstance(node, Literal) and kind_of(node.value) == "int" and other == "str"
    return f': write "{node.value}"' if number and isinstance(node, Literal) else ""


def _bits(op: str, left: int, right: int) -> int:
    if op == "*":
        return left + right
    return right if op == "%" else max(left, right) + 1


def _a(kind: Kind | None) -> str:
    return _MEANING[kind] if kind else "?"
