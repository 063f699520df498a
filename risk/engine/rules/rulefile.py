"""One rule's file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import yaml

from risk.engine.rules.cases import case
from risk.engine.rules.check import Lists, check
from risk.engine.rules.document import Document
from risk.engine.rules.errors import Fault
from risk.engine.rules.names import KINDS, NO_ATTRIBUTES, NO_MODELS, Attributes, Kinds, Models
from risk.engine.rules.parser import parse
from risk.engine.rules.ruleset import Case, Rule
from risk.engine.rules.template import Template, template
from risk.engine.rules.tree import Node

WORD: Final = "[a-z][a-z0-9_]{0,62}"
MAX_VERSION: Final = 1_000_000

_KEYS: Final = ("id", "version", "description", "points", "when", "reason", "tests")


def rule(
    document: Document,
    stem: str,
    lists: Lists,
    kinds: Kinds = KINDS,
    attributes: Attributes = NO_ATTRIBUTES,
    models: Models = NO_MODELS,
) -> Rule | None:
    """The rule of a file called `<stem>.yaml`; None with at least one fault in the document.

    `kinds` are the types of all names that it may read, the declared `attributes` among them;
    `models` those that it may ask.
    """
    before = len(document.errors)
    keys = document.mapping(document.root, _KEYS)
    name = document.word(keys.get("id"), WORD, "a name of small letters, digits and _")
    if name and name != stem:
        document.fault(keys["id"], f"the file is called {stem}.yaml: id and file are one name")
    version = document.integer(keys.get("version"), 1, MAX_VERSION)
    description = document.line(keys.get("description"), "a description")
    points = document.integer(keys.get("points"), 1, 100)
    when = _when(document, keys.get("when"), lists, kinds, attributes, models)
    reason = _reason(document, keys.get("reason"), kinds, attributes, models)
    tests = _tests(document, keys, kinds, models)
    if len(document.errors) > before or not (name and version and description and points):
        return None
    if when is None or reason is None:
        return None
    return Rule(name, version, description, points, when, reason, tests)


def _when(
    document: Document,
    node: yaml.Node | None,
    lists: Lists,
    kinds: Kinds,
    attributes: Attributes,
    models: Models,
) -> Node | None:
    text = _text(document, node, "an expression")
    if text is None or not isinstance(node, yaml.ScalarNode):
        return None
    try:
        tree = parse(text)
    except Fault as fault:
        document.inner(node, fault)
        return None
    for wrong in check(tree, lists, kinds, attributes.keys(), models):
        document.inner(node, wrong)
    return tree


def _reason(
    document: Document,
    node: yaml.Node | None,
    kinds: Kinds,
    attributes: Attributes,
    models: Models,
) -> Template | None:
    text = _text(document, node, "a text")
    if text is None or not isinstance(node, yaml.ScalarNode):
        return None
    found, faults = template(text.rstrip(), kinds, attributes, models)
    for fault in faults:
        document.inner(node, fault)
    return found


def _text(document: Document, node: yaml.Node | None, wanted: str) -> str | None:
    value = document.scalar(node) if node else None
    if value is not None and not isinstance(value, str):
        document.fault(node, f"expected {wanted}")
        return None
    return value


def _tests(
    document: Document, keys: Mapping[str, yaml.Node], kinds: Kinds, models: Models
) -> tuple[Case, ...]:
    node = keys.get("tests")
    before = len(document.errors)
    found: list[Case] = []
    for item in document.items(node, "a list of tests"):
        one = case(document, item, kinds, models)
        if one and any(one.name == other.name for other in found):
            document.fault(item, f"two tests are called {one.name!r}")
        found += [one] if one else []
    if node is None or len(document.errors) > before:
        return tuple(found)
    for hit, word in ((True, "hit"), (False, "miss")):
        if not any(one.hit is hit for one in found):
            document.fault(node, f"no test with 'hit: {str(hit).lower()}': a rule shows a {word}")
    return tuple(found)
