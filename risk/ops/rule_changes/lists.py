"""The lists of a ruleset as their files have them, and an edit of one as a new text of its file.

Why a value stands there, and until when, is a comment behind it: `- "KP"  # until 2026-12-31: …`.
So the file says all of it, and a comment is no part of the fingerprint.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple

import yaml

from risk.config.strict_yaml import Surprise, YamlFault, compose, scalar
from risk.engine.rules.head import HEAD
from risk.engine.rules.names import Value
from risk.engine.rules.tree import literal
from risk.ops.refusal import Invalid, NotFound
from risk.ops.rule_changes.tree import Tree

MOST_REASON: Final = 200
_NOTE = re.compile(r"[ \t]*#[ \t]*(.*?)[ \t]*$")
_UNTIL = re.compile(r"until ([0-9]{4}-[0-9]{2}-[0-9]{2})(?:: (.*))?")


class Item(NamedTuple):
    """A value of a list, why it is there, and the last day that it is meant for, if it says so."""

    value: Value
    reason: str = ""
    until: date | None = None

    def is_over(self, today: date) -> bool:
        """Whether its last day has passed. It counts all the same: a ruleset sees no clock."""
        return self.until is not None and self.until < today


class Place(NamedTuple):
    """Where a list stands: the ruleset whose folder has the file, the file, and what it holds."""

    owner: str
    path: str
    text: str
    node: yaml.SequenceNode

    @property
    def items(self) -> list[Item]:
        """Its values, in the order of the file."""
        return [_item(self.text, node) for node in self.node.value]


def find(tree: Tree, name: str, which: str) -> Place:
    """A list of a ruleset that is valid, wherever it stands. Raises `NotFound`."""
    ruleset = tree.read(name).ruleset
    if which not in ruleset.lists:
        known = ", ".join(sorted(ruleset.lists)) or "none"
        raise NotFound(f"{name} has no list {which}: there are {known}")
    at: str | None = name
    while at is not None:
        if found := _within(tree, at, which):
            return found
        at = tree.parent(at)
    raise NotFound(f"{name} has no list {which}")


def add(place: Place, text: str, reason: str, until: date | None, who: str) -> str:
    """The file's text with one more value. Raises `Invalid`."""
    items = place.items
    value = _like(text, items)
    if any(value == one.value for one in items):
        raise Invalid(f"value: {text} is in the list already")
    return _written(place, [*items, Item(value, f"{_checked(reason)} ({who})", until)], added=True)


def remove(place: Place, values: Sequence[Value]) -> str:
    """The file's text without these values. Raises `Invalid`."""
    items = place.items
    gone = [one.value for one in items if one.value in values]
    if not gone:
        raise Invalid("value: none of the list is chosen")
    if len(gone) == len(items):
        raise Invalid("value: a list is never empty: leave one, or remove what asks for it")
    return _written(place, [one for one in items if one.value not in gone], added=False)


def _within(tree: Tree, name: str, which: str) -> Place | None:
    own, path = tree.own(name), f"lists/{which}.yaml"
    for file, keys in ((path, ()), (HEAD, ("lists", which))):
        if file in own and (node := _at(own[file], keys)):
            return Place(name, file, own[file], node)
    return None


def _at(text: str, keys: Sequence[str]) -> yaml.SequenceNode | None:
    """The sequence behind keys that lead to it."""
    try:
        node = compose(text)
    except YamlFault:
        return None
    for key in keys:
        pairs = node.value if isinstance(node, yaml.MappingNode) else ()
        node = next((value for one, value in pairs if one.value == key), None)
    return node if isinstance(node, yaml.SequenceNode) else None


def _item(text: str, node: yaml.Node) -> Item:
    assert isinstance(node, yaml.ScalarNode), "the ruleset is valid"
    try:
        value = scalar(node, grouped=True)
    except Surprise:  # pragma: no cover
        value = str(node.value)
    end = node.end_mark.index
    line = text[end : text.find("\n", end) if "\n" in text[end:] else len(text)]
    note = _NOTE.fullmatch(line)
    told = note[1] if note else ""
    if match := _UNTIL.fullmatch(told):
        try:
            return Item(value, match[2] or "", date.fromisoformat(match[1]))
        except ValueError:
            return Item(value, told)
    return Item(value, told)


def _written(place: Place, items: Sequence[Item], added: bool) -> str:
    """The list anew, a value a line. What else the file says stays, comments between lines too."""
    text, node = place.text, place.node
    if node.flow_style:
        return _unfolded(place, items)
    lines = text.split("\n")
    kept = {one.value for one in items}
    numbers = [one.start_mark.line for one in node.value]
    indent = " " * (node.start_mark.column)
    gone = {line for line, one in zip(numbers, place.items, strict=True) if one.value not in kept}
    if added:
        lines.insert(numbers[-1] + 1, f"{indent}{_line(items[-1])}")
    return "\n".join(line for number, line in enumerate(lines) if number not in gone)


def _unfolded(place: Place, items: Sequence[Item]) -> str:
    """A list in brackets becomes one with a line for each value, which has room for reasons."""
    text, node = place.text, place.node
    start, end = node.start_mark.index, node.end_mark.index
    head = text[text.rfind("\n", 0, start) + 1 : start]
    if head.strip() and not re.fullmatch(r" *[a-z][a-z0-9_]*: *", head):
        raise Invalid(
            f"{place.path} has the list within braces: write it with a line for each value first"
        )
    own = len(head) - len(head.lstrip())
    indent = " " * (own + 2) if head.strip() else ""
    lines = "\n".join(f"{indent}{_line(one)}" for one in items)
    before = f"{text[:start].rstrip(' ')}\n" if head.strip() else text[:start]
    rest = text[end:]
    return f"{before}{lines}{rest}"


def _line(item: Item) -> str:
    note = f"until {item.until.isoformat()}: {item.reason}" if item.until else item.reason
    return f"- {literal(item.value)}" + (f"  # {note.strip()}" if note.strip() else "")


def _like(text: str, items: Sequence[Item]) -> Value:
    """The value that a text means, of the type that the list's others have."""
    text = text.strip()
    if not text or not text.isprintable() or len(text) > 128:
        raise Invalid("value: a text of up to 128 characters, in one line")
    if isinstance(items[0].value, str):
        return text
    try:
        found = float(text) if re.search(r"[.eE]", text) else int(text)
    except ValueError:
        raise Invalid(f"value: {text} is no number, as the others in the list are") from None
    return found


def _checked(reason: str) -> str:
    reason = " ".join(reason.split())
    if not reason or len(reason) > MOST_REASON or not reason.isprintable():
        raise Invalid(f"reason: say why, in up to {MOST_REASON} characters")
    return reason
