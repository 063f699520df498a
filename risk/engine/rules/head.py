"""A ruleset's own file, `ruleset.yaml`, and its lists."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

import yaml

from risk.engine.rules.declared import read_require
from risk.engine.rules.document import Document
from risk.engine.rules.names import KINDS, WORDS, Value
from risk.engine.rules.rulefile import MAX_VERSION, WORD
from risk.engine.rules.values import comparable, kind_of

HEAD: Final = "ruleset.yaml"
NAME: Final = "a name of small letters, digits and _"

Lists = dict[str, tuple[Value, ...]]


class Head(NamedTuple):
    """What a `ruleset.yaml` says; None where it says nothing, or something faulty.

    `places` are the nodes of its keys. With `extends` all that it doesn't say is another's.
    """

    name: str | None
    version: int | None
    description: str | None
    review: int | None
    block: int | None
    lists: Lists
    extends: str | None
    without: dict[str, yaml.Node]
    require: dict[str, yaml.Node]
    places: dict[str, yaml.Node]


def read_head(document: Document, folder: str) -> Head:
    """The head in a document, which notes its faults. `folder` ends in the ruleset's name."""
    root = document.root
    extends = isinstance(root, yaml.MappingNode) and any(
        key.value == "extends" for key, _ in root.value
    )
    required = ["name", "version", "description"]
    optional = ["lists", "extends", "without", "require"]
    (optional if extends else required).append("thresholds")
    keys = document.mapping(document.root, required, optional)
    name = document.word(keys.get("name"), WORD, NAME)
    wanted = folder.rstrip("/").rpartition("/")[2]
    if name and wanted and name != wanted:
        document.fault(keys["name"], f"the folder is called {wanted}: give both one name")
    version = document.integer(keys.get("version"), 1, MAX_VERSION)
    description = document.line(keys.get("description"), "a description")
    both = ("review", "block")
    limits = document.mapping(keys.get("thresholds"), () if extends else both, both)
    review = document.integer(limits.get("review"), 1, 100)
    block = document.integer(limits.get("block"), 1, 100)
    if review and block and review > block:
        document.fault(limits["review"], "review is above block: it has to be at or below it")
    lists: Lists = {}
    for key, (place, node) in document.entries(keys.get("lists")).items():
        add_list(lists, key, document, node, place)
    parent = document.word(keys.get("extends"), WORD, NAME)
    without: dict[str, yaml.Node] = {}
    if "without" in keys and not extends:
        document.fault(keys["without"], "there is no 'extends' of which to leave rules out")
    for node in document.items(keys.get("without"), "a list of rules"):
        if rule := document.word(node, WORD, "the name of a rule"):
            without[rule] = node
    require = read_require(document, keys.get("require"))
    return Head(name, version, description, review, block, lists, parent, without, require, keys)


def add_list(
    lists: Lists,
    name: str,
    document: Document,
    node: yaml.Node | None,
    place: yaml.Node | None,
) -> None:
    """Read a named list. A faulty one is known all the same, so that its users aren't blamed."""
    if name in lists:
        document.fault(place, f"list {name} stands in {HEAD} as well")
    if name in KINDS or not re.fullmatch(WORD, name) or name in WORDS:
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
