"""The tree of an expression, and its one canonical text.

A node's `start` and `end` are offsets in the expression's text; they don't count in comparisons.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from risk.engine.rules.names import Value

# How tightly an operator binds. Comparisons and membership don't chain, the others group leftward.
OR, AND, NOT, COMPARE, SUM, PRODUCT, NEGATE = 10, 20, 30, 40, 50, 60, 70
BINDING: Final[dict[str, int]] = {
    "or": OR,
    "and": AND,
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">=", "in", "not in"), COMPARE),
    **dict.fromkeys("+-", SUM),
    **dict.fromkeys("*/%", PRODUCT),
}


@dataclass(frozen=True, slots=True)
class Node:
    """Any part of an expression."""

    start: int = field(default=0, compare=False, kw_only=True)
    end: int = field(default=0, compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A number, a text, true or false."""

    value: Value


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A feature or a field of the transaction; on the right of `in`, a named list."""

    name: str


@dataclass(frozen=True, slots=True)
class Has(Node):
    """`has(name)`: whether the payment has that field or attribute."""

    name: Name


@dataclass(frozen=True, slots=True)
class ModelCall(Node):
    """`model("name")` or `anomaly("name")`: the score of a model, 0 to 1000."""

    function: str
    name: Literal


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """`-` or `not`."""

    op: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """Arithmetic, a comparison, `and`, `or`."""

    op: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Member(Node):
    """`in` or `not in`, a literal list or a named one."""

    op: str
    item: Node
    members: tuple[Literal, ...] | Name


def render(node: Node, binding: int = 0) -> str:
    """The canonical text: the fewest parentheses, single spaces, members sorted.

    Equal texts are equal rules, so this is what fingerprints and locks are made of.
    """
    if isinstance(node, Literal):
        return literal(node.value)
    if isinstance(node, Name):
        return node.name
    if isinstance(node, Has):
        return f"has({node.name.name})"
    if isinstance(node, ModelCall):
        return f"{node.function}({literal(node.name.value)})"
    if isinstance(node, Unary):
        own = NOT if node.op == "not" else NEGATE
        text = f"{node.op}{' ' if own == NOT else ''}{render(node.operand, own)}"
    elif isinstance(node, Binary):
        own = BINDING[node.op]
        left = own + 1 if own == COMPARE else own
        text = f"{render(node.left, left)} {node.op} {render(node.right, own + 1)}"
    elif isinstance(node, Member):
        own = COMPARE
        text = f"{render(node.item, own + 1)} {node.op} {_members(node.members)}"
    else:
        raise TypeError(type(node).__name__)
    return f"({text})" if own < binding else text


def literal(value: Value) -> str:
    """A literal as a rule would write it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return repr(value)


def names(node: Node) -> Iterator[str]:
    """Every feature, field and attribute that the expression reads, as often as it does."""
    if isinstance(node, Name):
        yield node.name
    elif isinstance(node, Has):
        yield node.name.name
    elif isinstance(node, Unary):
        yield from names(node.operand)
    elif isinstance(node, Binary):
        yield from names(node.left)
        yield from names(node.right)
    elif isinstance(node, Member):
        yield from names(node.item)


def lists_in(node: Node) -> set[str]:
    """The named lists in an expression."""
    if isinstance(node, Member):
        own = {node.members.name} if isinstance(node.members, Name) else set()
        return own | lists_in(node.item)
    parts = (getattr(node, field_, None) for field_ in ("operand", "left", "right"))
    return {name for part in parts if isinstance(part, Node) for name in lists_in(part)}


def calls(node: Node) -> Iterator[ModelCall]:
    """Every call of a model in the expression."""
    if isinstance(node, ModelCall):
        yield node
    for field_ in ("operand", "left", "right", "item"):
        part = getattr(node, field_, None)
        if isinstance(part, Node):
            yield from calls(part)


def _members(members: tuple[Literal, ...] | Name) -> str:
    if isinstance(members, Name):
        return members.name
    return "[" + ", ".join(sorted(literal(member.value) for member in members)) + "]"
