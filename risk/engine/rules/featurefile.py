"""A file of declared features: `features/<any name>.yaml`, each feature under its name."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from keyword import iskeyword
from typing import Final, NamedTuple

import yaml

from risk.engine.features.kinds import KINDS, Span
from risk.engine.features.named import Features as Named
from risk.engine.rules import spans
from risk.engine.rules.check import Lists
from risk.engine.rules.declaration import (
    CHAINED,
    MOST_STEPS,
    Declaration,
)
from risk.engine.rules.document import Document
from risk.engine.rules.errors import Fault, did_you_mean
from risk.engine.rules.featurecases import FeatureCase, feature_cases, feature_value
from risk.engine.rules.featurecondition import condition
from risk.engine.rules.featureverdicts import counts_verdicts
from risk.engine.rules.names import FIELDS, TAKEN, VERDICT, Attributes, Kind
from risk.engine.rules.rulefile import WORD
from risk.engine.rules.tree import names

MOST_KEYS: Final = 4  # fields of a key
LONGEST: Final = 90 * spans.UNITS["d"]
LONGEST_WINDOW: Final = 31 * spans.UNITS["d"]  # without steps: it costs an entry a payment
LONGEST_SESSION: Final = spans.UNITS["d"]

# What a key is made of, and what values are told apart: texts of the payment.
TEXTS: Final = (*(name for name, kind in FIELDS.items() if kind == "str"), "card_token")
NUMBERS: Final = ("amount",)
_KEYS: Final = ("str", "int", "bool")  # types of attributes that a key may have
_OPTIONAL: Final = ("window", "step", "session", "where", "without_key")
_VALUE = re.compile(r"([a-z_]+)(?:\(\s*([a-z_0-9]*)\s*\))?")


class Found(NamedTuple):
    """A feature and its tests."""

    declaration: Declaration
    cases: tuple[FeatureCase, ...]


class Nameable(NamedTuple):
    """What declarations may name: a field by itself, an attribute with its type."""

    texts: dict[str, str]  # of a key
    numbers: dict[str, str]
    attributes: Attributes
    lists: Lists

    @staticmethod
    def of(attributes: Attributes, lists: Lists) -> Nameable:
        """The engine's fields, and a ruleset's attributes."""
        own = {name: (one.kind, f"{name}:{one.kind}") for name, one in attributes.items()}
        texts = {name: name for name in TEXTS}
        texts |= {name: typed for name, (kind, typed) in own.items() if kind in _KEYS}
        numbers = {name: name for name in NUMBERS}
        numbers |= {name: typed for name, (kind, typed) in own.items() if kind == "int"}
        return Nameable(texts, numbers, attributes, lists)


class Features(NamedTuple):
    """The features of a file by name; and the types of all, of faulty ones as well as can be told,
    so that rules which read them aren't blamed.
    """

    found: dict[str, Found]
    kinds: dict[str, Kind]


def read_features(
    document: Document, file: str, lists: Lists, known: Mapping[str, Found], attributes: Attributes
) -> Features:
    """The features of a file, which notes its faults. `known` are those of other files."""
    found: dict[str, Found] = {}
    kinds: dict[str, Kind] = {}
    nameable = Nameable.of(attributes, lists)
    for name, (place, node) in document.entries(document.root).items():
        if wrong := _misnamed(name, {*attributes, *lists}, known):
            document.fault(place, wrong, whole=True)
            continue
        before = len(document.errors)
        one = _feature(document, name, node, file, nameable)
        kinds[name] = one.declaration.type if one else "int"
        if one and len(document.errors) == before:
            found[name] = one
    return Features(found, kinds)


def _misnamed(name: str, taken: Collection[str], known: Mapping[str, Found]) -> str | None:
    if not re.fullmatch(WORD, name) or iskeyword(name):
        return f"{name!r}: expected a name of small letters, digits and _"
    if name in TAKEN or name in taken or hasattr(Named, name):
        return f"{name} is taken: give the feature another name"
    return f"{name} is declared in another file, too" if name in known else None


def _feature(
    document: Document, name: str, node: yaml.Node, file: str, nameable: Nameable
) -> Found | None:
    keys = document.mapping(node, ("key", "value", "about", "tests"), _OPTIONAL)
    key = _key(document, keys.get("key"), nameable)
    value = _value(document, keys.get("value"), nameable)
    about = document.line(keys.get("about"), "what the feature says, in a line")
    where = condition(document, keys.get("where"), nameable.lists, nameable.attributes)
    lengths = {word: _length(document, keys.get(word)) for word in ("window", "step", "session")}
    if not key or value is None or not about or not isinstance(node, yaml.MappingNode):
        return None
    kind, of = value
    if not _fits(document, node, keys, kind, lengths):
        return None
    window, step, session = (lengths[word] or 0 for word in ("window", "step", "session"))
    if where is not None and VERDICT in names(where) and not counts_verdicts(document, keys, kind):
        return None
    asked = sorted(set(names(where)) & nameable.attributes.keys()) if where is not None else ()
    typed = tuple((name, nameable.attributes[name].kind) for name in asked)
    one = Declaration(name, key, kind, of, window, step, session, where, typed, about)
    one = replace(one, without_key=feature_value(document, keys.get("without_key"), one))
    cases = feature_cases(document, keys.get("tests"), one, file, nameable.attributes)
    return Found(one, cases)


def _key(document: Document, node: yaml.Node | None, nameable: Nameable) -> tuple[str, ...]:
    parts = document.items(node, "a field") if isinstance(node, yaml.SequenceNode) else [node]
    found: list[str] = []
    for part in parts:
        text = document.line(part, "a field of the payment, or [several, fields]")
        if text is None:
            continue
        if text in NUMBERS:
            document.fault(part, f"{text} is a number: a key is who or what pays", whole=True)
        elif text not in nameable.texts:
            may = list(nameable.texts)
            hint = did_you_mean(text, may) or f": it may be {', '.join(may)}"
            document.fault(part, f"{text} is no key{hint}", whole=True)
        elif nameable.texts[text] in found:
            document.fault(part, f"{text} stands in the key twice", whole=True)
        else:
            found.append(nameable.texts[text])
    if len(found) > MOST_KEYS:
        document.fault(node, f"a key has at most {MOST_KEYS} fields", whole=True)
    if isinstance(node, yaml.SequenceNode) and not parts:
        document.fault(node, "the key is empty: name a field")
    return tuple(found)


def _value(
    document: Document, node: yaml.Node | None, nameable: Nameable
) -> tuple[str, str] | None:
    text = document.line(node, "a value, such as count or sum(amount)")
    if text is None or not isinstance(node, yaml.ScalarNode):
        return None
    match = _VALUE.fullmatch(text)
    if match is None:
        document.fault(node, f"{text!r}: write a value such as count or sum(amount)", whole=True)
        return None
    name, of = match[1], match[2] or ""
    if name not in KINDS:
        hint = did_you_mean(name, list(KINDS)) or f": known are {', '.join(KINDS)}"
        document.inner(node, Fault(0, len(name), f"no value is called {name}{hint}"))
        return None
    needs = KINDS[name].needs
    start, end = match.span(2) if of else (0, len(text))
    if needs == "nothing":
        if match[2] is None:
            return name, ""
        document.inner(node, Fault(0, len(text), f"{name} needs no field: write {name}"))
        return None
    may = nameable.numbers if needs == "number" else {**nameable.texts, **nameable.numbers}
    allowed = list(may)
    if of in may:
        return name, may[of]
    if of in nameable.texts:
        wrong = f"{name} is of a number, and {of} is a text: it may be {', '.join(allowed)}"
    elif of:
        wrong = (
            f"no field is called {of}{did_you_mean(of, allowed)}: it may be {', '.join(allowed)}"
        )
    else:
        wrong = f"{name} of what? Write {name}({allowed[0]})"
    document.inner(node, Fault(start, max(end, start + 1), wrong))
    return None


def _length(document: Document, node: yaml.Node | None) -> int | None:
    if node is None:
        return None
    text = document.line(node, "a length of time, such as 30s, 10m, 1h or 7d")
    ms = spans.length(text) if text else None
    if text and ms is None:
        document.fault(node, f"{text!r}: write a length such as 30s, 10m, 1h or 7d", whole=True)
    return ms


def _fits(
    document: Document,
    node: yaml.MappingNode,
    keys: Mapping[str, yaml.Node],
    kind: str,
    lengths: Mapping[str, int | None],
) -> bool:
    """Whether the value can look at that length of time."""
    if any(word in keys and lengths[word] is None for word in lengths):
        return False
    window, step, session = (lengths[word] for word in ("window", "step", "session"))
    if session and (window or step):
        document.fault(keys["session"], "a session has no window: leave one of them out")
        return False
    if not session and not window:
        document.fault(node, f"{kind} of how long? Add a window (10m), or a session (30m)")
        return False
    span: Span = "session" if session else "steps" if step else "window"
    if span not in KINDS[kind].spans:
        ways = {"window": "a window without steps", "steps": "steps", "session": "a session"}
        may = " or ".join(ways[one] for one in KINDS[kind].spans)
        document.fault(keys["value"], f"{kind} looks at {may}, not at {ways[span]}", whole=True)
        return False
    limit = {"session": LONGEST_SESSION, "steps": LONGEST, "window": LONGEST_WINDOW}[span]
    if kind in CHAINED:
        limit = LONGEST
    place, asked = ("session", session) if session else ("window", window)
    if asked and asked > limit:
        way = "" if span != "window" or kind in CHAINED else ": or add steps, such as step: 1h"
        document.fault(keys[place], f"at most {spans.shown(limit)}{way}", whole=True)
        return False
    if window and step and (window % step or window // step > MOST_STEPS):
        wrong = f"{spans.shown(window)} isn't a number of whole steps of {spans.shown(step)}"
        if not window % step:
            wrong = f"{window // step:,} steps: at most {MOST_STEPS:,}, so take longer ones"
        document.fault(keys["step"], wrong, whole=True)
        return False
    return True
