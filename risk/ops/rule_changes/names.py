"""What the expressions of a ruleset may name, for completion and for looking up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from risk.engine.features.catalogue import CATALOGUE
from risk.engine.rules import Ruleset
from risk.engine.rules.modelfile import FUNCTION_OF
from risk.engine.rules.names import CONTEXT, DERIVED, FIELDS, TIMES, WORDS, Kind

_TYPES: Final[dict[str, str]] = {
    "int": "whole number",
    "float": "fraction",
    "bool": "true or false",
    "str": "text",
}


class Name(NamedTuple):
    """A name as it is written; `kind` is feature, field, attribute, list, model or word."""

    text: str
    kind: str
    type: str
    about: str


def names(ruleset: Ruleset) -> list[Name]:
    """All names that this ruleset's expressions may use."""
    return [*_features(ruleset), *_fields(), *_attributes(ruleset), *_others(ruleset)]


def _features(ruleset: Ruleset) -> Iterator[Name]:
    for one in CATALOGUE:
        yield Name(one.name, "feature", _TYPES[one.type], one.meaning)
    for own in ruleset.features:
        yield Name(own.name, "feature", _TYPES[own.type], own.about)


def _fields() -> Iterator[Name]:
    own: dict[str, Kind] = {**FIELDS, **TIMES, **CONTEXT}
    for name, kind in own.items():
        yield Name(name, "field", _TYPES[kind], "of the payment")
    for name, (kind, source) in DERIVED.items():
        yield Name(name, "field", _TYPES[kind], f"from {source}")


def _attributes(ruleset: Ruleset) -> Iterator[Name]:
    for name, one in ruleset.attributes.items():
        yield Name(name, "attribute", _TYPES[one.kind], one.about)


def _others(ruleset: Ruleset) -> Iterator[Name]:
    for name, values in sorted(ruleset.lists.items()):
        yield Name(name, "list", "after in", f"{len(values)} values")
    for name, model in sorted(ruleset.models.items()):
        yield Name(f'{FUNCTION_OF[model.kind]}("{name}")', "model", "0 to 1000", model.kind)
    for word in WORDS:
        yield Name(word, "word", "", "")
