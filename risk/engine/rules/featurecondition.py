"""The `where` of a declared feature: a condition on a payment, in the language of rules."""

from __future__ import annotations

from typing import Final

import yaml

from risk.engine.features.catalogue import TYPES
from risk.engine.rules.check import Lists, check
from risk.engine.rules.document import Document
from risk.engine.rules.errors import Fault
from risk.engine.rules.names import DERIVED, FIELDS, TIMES, VERDICT, Attributes, Kind
from risk.engine.rules.parser import parse
from risk.engine.rules.tree import Binary, Literal, Member, Name, Node, Unary, calls

_KINDS: Final[dict[str, Kind]] = {
    **FIELDS,
    **TIMES,
    **{name: kind for name, (kind, _) in DERIVED.items()},
    VERDICT: "str",
}


def condition(
    document: Document, node: yaml.Node | None, lists: Lists, attributes: Attributes
) -> Node | None:
    """The condition that stands there, named lists written out; None with a fault, or for none."""
    if node is None:
        return None
    text = document.line(node, "a condition on the payment")
    if text is None or not isinstance(node, yaml.ScalarNode):
        return None
    try:
        tree = parse(text)
    except Fault as fault:
        document.inner(node, fault)
        return None
    if asked := list(calls(tree)):
        told = "models score what features say: only rules can ask them"
        for one in asked:
            document.inner(node, Fault(one.start, one.end, told))
        return None
    faults = check(tree, lists, {**_KINDS, **_own(attributes)}, attributes)
    for wrong in faults:
        word = text[wrong.start : wrong.end]
        if word in TYPES:
            message = f"{word} is a feature: a condition looks at the payment itself"
            wrong = Fault(wrong.start, wrong.end, message)
        elif word == "late":
            message = "late payments are in nobody's windows: there is nothing to ask"
            wrong = Fault(wrong.start, wrong.end, message)
        document.inner(node, wrong)
    return None if faults else _spelled(tree, lists)


def _own(attributes: Attributes) -> dict[str, Kind]:
    return {name: attribute.kind for name, attribute in attributes.items()}


def _spelled(node: Node, lists: Lists) -> Node:
    """The condition with its named lists written out: it says all that decides."""
    if isinstance(node, Unary):
        return Unary(node.op, _spelled(node.operand, lists))
    if isinstance(node, Binary):
        return Binary(node.op, _spelled(node.left, lists), _spelled(node.right, lists))
    if isinstance(node, Member):
        members = node.members
        if isinstance(members, Name):
            members = tuple(Literal(value) for value in lists[members.name])
        return Member(node.op, _spelled(node.item, lists), members)
    return node
