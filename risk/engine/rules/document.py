"""One YAML file read node by node, so that every fault has its line and column."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import yaml

from risk.config.strict_yaml import Surprise, YamlFault, compose, scalar
from risk.engine.rules.characters import offsets
from risk.engine.rules.errors import (
    LONGEST,
    MOST_TOLD,
    Fault,
    RuleError,
    did_you_mean,
    locate,
)
from risk.engine.rules.names import Value


class Document:
    """A file and the faults found in it. What is faulty reads as None."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self.errors: list[RuleError] = []
        self._placed: tuple[yaml.ScalarNode, list[int]] | None = None  # of the last text
        self.root = self._compose()

    @property
    def is_full(self) -> bool:
        """Whether it has as many faults as are told: of others it counts that they are there.

        To show where each of very many is would take time that grows with their square.
        """
        return len(self.errors) >= MOST_TOLD

    def _count(self, node: yaml.Node | None, message: str) -> None:
        line, column = (node.start_mark.line, node.start_mark.column) if node else (0, 0)
        self.errors.append(RuleError(self.file, line + 1, column + 1, message[:LONGEST]))

    def fault(self, node: yaml.Node | None, message: str, *, whole: bool = False) -> None:
        """Note a fault at a node (at its first character, or under all of it)."""
        if self.is_full:
            self._count(node, message)
            return
        start = node.start_mark.index if node else 0
        end = node.end_mark.index if node and whole else start + 1
        self.errors.append(locate(self.file, self.text, start, end, message))

    def inner(self, node: yaml.ScalarNode, fault: Fault) -> None:
        """Note a fault inside a text, such as an expression."""
        if self.is_full:
            self._count(node, fault.message)
            return
        if self._placed is None or self._placed[0] is not node:
            self._placed = node, offsets(node, self.text)
        places = self._placed[1]
        start = places[min(fault.start, len(places) - 1)]
        last = places[min(max(fault.end - 1, fault.start), len(places) - 1)]
        self.errors.append(locate(self.file, self.text, start, last + 1, fault.message))

    def mapping(
        self, node: yaml.Node | None, required: Sequence[str], optional: Sequence[str] = ()
    ) -> dict[str, yaml.Node]:
        """The values by key: no key twice, none unknown, none missing."""
        found = self.entries(node)
        known = [*required, *optional]
        missing = [key for key in required if key not in found]
        for key, (place, _) in found.items():
            if key not in known:
                hint = "" if self.is_full else did_you_mean(key, known)
                hint = hint or f": known are {', '.join(known)}"
                self.fault(place, f"unknown key {key}{hint}", whole=True)
                missing = [word for word in missing if f" {word}?" not in hint]
        if isinstance(node, yaml.MappingNode):
            for key in missing:
                self.fault(node, f"'{key}' is missing")
        return {key: value for key, (_, value) in found.items() if key in known}

    def entries(self, node: yaml.Node | None) -> dict[str, tuple[yaml.Node, yaml.Node]]:
        """Every key with its own node and its value's; no key twice."""
        if not isinstance(node, yaml.MappingNode):
            if node is not None:
                self.fault(node, "expected 'key: value' lines here")
            return {}
        found: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.fault(key, "a key is a plain word")
            elif key.value in found:
                self.fault(key, f"'{key.value}' stands here twice", whole=True)
            else:
                found[key.value] = (key, value)
        return found

    def items(self, node: yaml.Node | None, wanted: str) -> list[yaml.Node]:
        """The items of a list."""
        if isinstance(node, yaml.SequenceNode):
            return list(node.value)
        if node is not None:
            self.fault(node, f"expected {wanted}")
        return []

    def word(self, node: yaml.Node | None, pattern: str, wanted: str) -> str | None:
        """A text of a certain form."""
        text = self.line(node, wanted)
        if text is None or node is None or re.fullmatch(pattern, text):
            return text
        self.fault(node, f"{text!r}: expected {wanted}", whole=True)
        return None

    def line(self, node: yaml.Node | None, wanted: str) -> str | None:
        """Any text but an empty one."""
        value = self.scalar(node) if node else None
        if isinstance(value, str) and value.strip():
            return value.strip()
        if value is not None:
            self.fault(node, f"expected {wanted}")
        return None

    def integer(self, node: yaml.Node | None, low: int, high: int) -> int | None:
        """A whole number in `low..high`."""
        value = self.scalar(node) if node else None
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        self.fault(node, f"expected a whole number from {low:,} to {high:,}", whole=True)
        return None

    def choice(
        self, node: yaml.Node | None, wanted: Collection[Value], meaning: str
    ) -> Value | None:
        """One of a few values."""
        value = self.scalar(node) if node else None
        if value is None or value in wanted:
            return value
        self.fault(node, f"expected {meaning}", whole=True)
        return None

    def scalar(self, node: yaml.Node) -> Value | None:
        """A number, a text, true or false. YAML's surprises (NO, 0742, 12:30) are faults."""
        if not isinstance(node, yaml.ScalarNode):
            self.fault(node, "expected a single value")
            return None
        try:
            return scalar(node, grouped=True)
        except Surprise as surprise:
            text = node.value
            if surprise.kind == "tag":
                self.fault(node, "'!' starts a YAML tag: for the opposite write not", whole=True)
            elif surprise.kind == "null":
                self.fault(node, "there is no value here")
            else:
                message = f'YAML reads {text} as something else: write "{text}" for the text'
                self.fault(node, message, whole=True)
        return None

    def _compose(self) -> yaml.Node | None:
        try:
            node = compose(self.text)
        except YamlFault as fault:
            at = fault.index
            self.errors.append(locate(self.file, self.text, at, at + 1, str(fault)))
            return None
        if node is None:
            self.fault(None, "the file is empty")
        return node
