"""The attributes that a ruleset declares, `attributes.yaml`, and what it requires of a payment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, get_args

import yaml

from risk.engine.rules.document import Document
from risk.engine.rules.errors import did_you_mean
from risk.engine.rules.names import ASKABLE, TAKEN, Attribute, Kind
from risk.engine.rules.rulefile import WORD

FILE: Final = "attributes.yaml"
MOST: Final = 200  # attributes
TYPES: Final[tuple[Kind, ...]] = get_args(Kind)


def read_attributes(document: Document) -> dict[str, Attribute]:
    """The attributes of a file, which notes its faults. A faulty one is known all the same."""
    found: dict[str, Attribute] = {}
    entries = document.entries(document.root)
    if isinstance(document.root, yaml.MappingNode) and not entries:
        document.fault(document.root, "no attribute is declared here: remove the file")
    for name, (place, node) in entries.items():
        if len(found) == MOST:
            document.fault(place, f"more than {MOST} attributes", whole=True)
            break
        if not re.fullmatch(WORD, name):
            document.fault(
                place,
                f"{name}: a name is of small letters, digits and _: the engine keeps other "
                "members of a payment as they come",
                whole=True,
            )
            continue
        if name in TAKEN:
            document.fault(place, f"an attribute can't be called {name}: it is taken", whole=True)
            continue
        keys = document.mapping(node, ("type", "about"))
        kind = document.choice(keys.get("type"), TYPES, "one of " + ", ".join(TYPES))
        about = document.line(keys.get("about"), "what it says of a payment")
        found[name] = Attribute(kind if kind in TYPES else "str", about or "")
    return found


def read_require(document: Document, node: yaml.Node | None) -> dict[str, yaml.Node]:
    """The names that a ruleset requires, each with its place: `check_require` says if they are."""
    found: dict[str, yaml.Node] = {}
    for item in document.items(node, "a list of fields: [ip, device_id]"):
        name = document.line(item, "the name of a field or of an attribute")
        if name in found:
            document.fault(item, f"{name} stands here twice", whole=True)
        elif name is not None:
            found[name] = item
    return found


def check_require(
    document: Document, required: Mapping[str, yaml.Node], attributes: Mapping[str, Attribute]
) -> None:
    """Note what a payment can't lack, or a ruleset doesn't know."""
    for name, node in required.items():
        if name in ASKABLE or name in attributes:
            continue
        if name in TAKEN:
            document.fault(node, f"{name}: no field that a payment may lack", whole=True)
        else:
            hint = did_you_mean(name, [*ASKABLE, *attributes])
            told = f"no field or declared attribute is called {name}{hint}"
            document.fault(node, told, whole=True)


def text(attributes: Mapping[str, Attribute]) -> str:
    """A file that declares these."""
    lines = [
        f"{name}: {{type: {attribute.kind}, about: {_quoted(attribute.about)}}}"
        for name, attribute in attributes.items()
    ]
    return "\n".join(lines) + "\n"


def _quoted(about: str) -> str:
    shown: str = yaml.safe_dump(about, default_style='"', allow_unicode=True, width=10**9)
    return shown.strip()
