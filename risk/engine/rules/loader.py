"""The files of a ruleset's folder into a `Ruleset`, or every fault found in them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

import yaml

from risk.engine.rules.check import comparable, kind_of
from risk.engine.rules.compiler import compile_rules
from risk.engine.rules.document import Document
from risk.engine.rules.errors import InvalidRuleset, RuleError
from risk.engine.rules.names import KINDS, Value
from risk.engine.rules.rulefile import MAX_VERSION, WORD, rule
from risk.engine.rules.ruleset import Rule, Ruleset, fingerprint

HEAD: Final = "ruleset.yaml"
_LIST_FILE = re.compile(rf"lists/({WORD})\.yaml")
_RULE_FILE = re.compile(rf"({WORD})\.yaml")


class _Head(NamedTuple):
    name: str
    version: int
    description: str
    review: int
    block: int


def load(files: Mapping[str, str], folder: str = "") -> Ruleset:
    """The ruleset of these files: relative path (`ruleset.yaml`, `lists/x.yaml`) → text.

    Other files than `.yaml` and `.yml` are left alone. `folder` stands before the paths in
    messages, and its last part has to be the ruleset's name. Raises `InvalidRuleset` with every
    fault of every file.
    """
    prefix = folder.rstrip("/") + "/" if folder else ""
    errors: list[RuleError] = []
    documents: dict[str, Document] = {}
    for path, text in sorted(files.items()):
        if not path.endswith((".yaml", ".yml")):
            continue
        documents[path] = Document(prefix + path, text)
        if path != HEAD and not (_LIST_FILE.fullmatch(path) or _RULE_FILE.fullmatch(path)):
            documents[path].fault(None, "a rule is <id>.yaml, a list is lists/<name>.yaml")
            documents[path].root = None
    if HEAD not in documents:
        raise InvalidRuleset([RuleError(prefix + HEAD, 1, 1, "a ruleset has this file")])
    head, lists = _head(documents.pop(HEAD), folder, errors)
    for path, document in documents.items():
        if match := _LIST_FILE.fullmatch(path):
            _add_list(lists, match[1], document, document.root, None)
    rules: list[Rule] = []
    for path, document in documents.items():
        if (match := _RULE_FILE.fullmatch(path)) and document.root:
            found = rule(document, match[1], lists)
            rules += [found] if found else []
        errors += document.errors
    if not any(_RULE_FILE.fullmatch(path) for path in documents):
        errors.append(RuleError(prefix + HEAD, 1, 1, "the ruleset has no rules: add <id>.yaml"))
    if errors or head is None:
        raise InvalidRuleset(errors)
    ordered = tuple(sorted(rules, key=lambda rule: (-rule.points, rule.id)))
    mark = fingerprint(head.name, head.version, (head.review, head.block), ordered, lists)
    hits = compile_rules([rule.when for rule in ordered], lists)
    return Ruleset(*head, ordered, lists, hits, mark)


def _head(
    document: Document, folder: str, errors: list[RuleError]
) -> tuple[_Head | None, dict[str, tuple[Value, ...]]]:
    keys = document.mapping(
        document.root, ("name", "version", "description", "thresholds"), ("lists",)
    )
    name = document.word(keys.get("name"), WORD, "a name of small letters, digits and _")
    wanted = folder.rstrip("/").rpartition("/")[2]
    if name and wanted and name != wanted:
        document.fault(keys["name"], f"the folder is called {wanted}: give both one name")
    version = document.integer(keys.get("version"), 1, MAX_VERSION)
    description = document.line(keys.get("description"), "a description")
    limits = document.mapping(keys.get("thresholds"), ("review", "block"))
    review = document.integer(limits.get("review"), 1, 100)
    block = document.integer(limits.get("block"), 1, 100)
    if review and block and review > block:
        document.fault(limits["review"], "review is above block: it has to be at or below it")
    lists: dict[str, tuple[Value, ...]] = {}
    for key, (place, node) in document.entries(keys.get("lists")).items():
        _add_list(lists, key, document, node, place)
    errors += document.errors
    if name and version and description and review and block and not document.errors:
        return _Head(name, version, description, review, block), lists
    return None, lists


def _add_list(
    lists: dict[str, tuple[Value, ...]],
    name: str,
    document: Document,
    node: yaml.Node | None,
    place: yaml.Node | None,
) -> None:
    """Read a named list. A faulty one is known all the same, so that its users aren't blamed."""
    if name in lists:
        document.fault(place, f"list {name} stands in {HEAD} as well")
    if name in KINDS or not re.fullmatch(WORD, name) or name in ("and", "or", "not", "in"):
        document.fault(place, f"a list can't be called {name}: it is taken, or not a plain word")
    seen: dict[Value, None] = {}
    nodes = document.items(node, "a list: lines that start with '- ', or [a, b]")
    if isinstance(node, yaml.SequenceNode) and not nodes:
        document.fault(node, "the list is empty")
    for item in nodes:
        value = document.scalar(item)
        if value is None:
            continue
        first = next(iter(seen), value)
        if not comparable(kind_of(first), kind_of(value)):
            hint = f': write "{value}"' if isinstance(first, str) else ""
            document.fault(item, f"not of the type of the items before{hint}", whole=True)
        elif value in seen:
            document.fault(item, f"{value} stands in this list twice", whole=True)
        else:
            seen[value] = None
    lists[name] = tuple(seen)
