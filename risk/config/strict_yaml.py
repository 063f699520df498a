"""YAML that means what it looks like. What YAML 1.1 would read as something else is refused.

No key stands twice, nothing is nested deep, and nothing is an alias, which could make a small file
a huge one.
"""

from __future__ import annotations

import contextlib
import math
import re
from typing import Any, Literal, NamedTuple

import yaml

MAX_FILE = 1_000_000  # characters
MAX_DEPTH = 32
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
_TAG = "tag:yaml.org,2002:"
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]*(?:_[0-9]+)*)")
_FLOAT = re.compile(r"[-+]?(?:[0-9][0-9_]*)?\.[0-9_]*(?:[eE][-+][0-9]+)?")

Scalar = bool | int | float | str


class YamlFault(Exception):
    """What is wrong with a text; `line` and `column` count from 1, `index` characters from 0."""

    def __init__(
        self, line: int, column: int, message: str, path: str = "", index: int = 0
    ) -> None:
        super().__init__(message)
        self.line = line
        self.column = column
        self.path = path  # of the keys that lead there, with dots between
        self.index = index


class Surprise(Exception):
    """A scalar that YAML reads as something else: as nothing, by a tag, or as what it isn't."""

    def __init__(self, kind: Literal["null", "tag", "other"]) -> None:
        super().__init__(kind)
        self.kind = kind


class Mapping(NamedTuple):
    """The values of a text, and where each stands: `line:column` by its path.

    `empty` are the paths of keys with nothing behind them, of which the value is None.
    """

    values: dict[str, Any]
    places: dict[str, str]
    empty: list[str]


class StrictLoader(yaml.SafeLoader):
    """Composes nodes, none of them an alias or nested deep. Raises `yaml.YAMLError`."""

    _depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """A node and those in it."""
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            message = "'*' starts an alias: write the value itself"
            raise yaml.composer.ComposerError(None, None, message, mark)
        self._depth += 1
        if self._depth > MAX_DEPTH:
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "nested too deep", mark)
        node: yaml.Node | None = super().compose_node(parent, index)
        self._depth -= 1
        if isinstance(node, yaml.ScalarNode) and _NO_TEXT.search(node.value):
            message = "a NUL or half of a surrogate pair, which no store can hold: leave it out"
            raise yaml.composer.ComposerError(None, None, message, node.start_mark)
        return node


def compose(text: str) -> yaml.Node | None:
    """The node that a text holds; None if it holds none. Raises `YamlFault`."""
    if len(text) > MAX_FILE:
        raise YamlFault(1, 1, f"too long: at most {MAX_FILE:,} characters may be")
    loader: Any = None
    try:
        loader = StrictLoader(text)
        node: yaml.Node | None = loader.get_single_node()
    except yaml.reader.ReaderError as error:
        at = error.position
        before = text[:at]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        message = f"a character that YAML forbids: {error.reason}"
        raise YamlFault(line, column, message, index=at) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column, at = (mark.line + 1, mark.column + 1, mark.index) if mark else (1, 1, 0)
        message = f"not YAML: {error.problem or error.context}"
        raise YamlFault(line, column, message, index=at) from None
    except (ValueError, OverflowError):  # of chr, for an escape such as \UFFFFFFFF
        mark = loader.get_mark()
        message = "not YAML: an escape that stands for no character"
        raise YamlFault(mark.line + 1, mark.column + 1, message, index=mark.index) from None
    return node


def scalar(node: yaml.Node, *, grouped: bool = False) -> Scalar:
    """A number, a text, true or false, if it is what it looks like: not NO, 0742, 12:30 or 0x10.

    `grouped` numbers may have underscores between their digits. Raises `Surprise`.
    """
    text: str = node.value
    tag = node.tag.removeprefix(_TAG)
    digits = text.replace("_", "") if grouped else text
    if tag == "str":
        return text
    if tag == "bool" and text in ("true", "false"):
        return text == "true"
    plain = grouped or "_" not in text
    if tag == "int" and plain and _INT.fullmatch(text) and len(text) <= 32:
        return int(digits)
    if tag == "float" and plain and _FLOAT.fullmatch(text):
        with contextlib.suppress(ValueError):  # an explicit tag on no number
            if math.isfinite(number := float(digits)):
                return number
    raise Surprise("tag" if tag.startswith("!") else "null" if tag == "null" else "other")


def read_mapping(text: str) -> Mapping:
    """What a text of `key: value` lines says; a text of comments alone says nothing.

    Raises `YamlFault`.
    """
    node = compose(text)
    found = Mapping({}, {}, [])
    if node is not None and not _says_null(node):
        if not isinstance(node, yaml.MappingNode):
            raise _fault(node, "expected 'key: value' lines")
        found.values.update(_mapping(node, "", found))
    return found


def _value(node: yaml.Node, path: str, into: Mapping) -> Any:
    into.places[path] = f"{node.start_mark.line + 1}:{node.start_mark.column + 1}"
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, into)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, f"{path}[{n}]", into) for n, item in enumerate(node.value)]
    if not node.value and _says_null(node):
        into.empty.append(path)
    return _scalar(node, path)


def _mapping(node: yaml.MappingNode, path: str, into: Mapping) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _fault(key, "a key is a plain word", path)
        inner = f"{path}.{key.value}" if path else key.value
        if key.value in found:
            raise _fault(key, "stands here twice", inner)
        found[key.value] = _value(value, inner, into)
    return found


def _scalar(node: yaml.Node, path: str) -> Scalar | None:
    """What stands there; None for null, and where there is nothing at all."""
    if _says_null(node):
        return None
    try:
        return scalar(node)
    except Surprise as surprise:
        if surprise.kind == "tag":
            raise _fault(node, "'!' starts a tag: write the value alone", path) from None
        # Without the value, which may be a password.
        message = "YAML reads this as something else: put the text into quotes"
        raise _fault(node, message, path) from None


def _says_null(node: yaml.Node) -> bool:
    """Whether a value is left out, or `null`. A tilde isn't: it may stand for a folder."""
    return node.tag == f"{_TAG}null" and node.value in ("", "null")


def _fault(node: yaml.Node, message: str, path: str = "") -> YamlFault:
    return YamlFault(node.start_mark.line + 1, node.start_mark.column + 1, message, path)
