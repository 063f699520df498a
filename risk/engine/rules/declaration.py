"""A declared feature: a value over the events of a key in a span of time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Final, NamedTuple, cast

from risk.engine.features.catalogue import CATALOGUE, FIRST, NAMES, FeatureType, FeatureValue
from risk.engine.features.kinds import KINDS, Span, first_value, neutral_value
from risk.engine.features.named import Features, features_type, named
from risk.engine.payment.contract import Kind
from risk.engine.rules.names import VERDICT
from risk.engine.rules.tree import Node, names, render

MOST_STEPS: Final = 1_024  # of a long window: what a key's state grows with
STEP_DISTINCT: Final = 1_024  # different values of a step, and of a session, are told up to this
KNOWN: Final = 64  # values that `new` remembers of a key, the latest used
# What verdicts can be counted in, by span: of steps only what a verdict that changes can be taken
# back from.
_SUMS: Final = ("count", "sum", "mean", "stddev")
OF_VERDICTS: Final[dict[Span, tuple[str, ...]]] = {
    "window": (*_SUMS, "min", "max", "distinct"),
    "steps": _SUMS,
    "session": (),
}
# What looks back at single earlier payments, instead of at all of a window.
CHAINED: Final = frozenset({"previous", "since", "new", "distance", "speed"})


@dataclass(frozen=True, slots=True)
class Declaration:
    """One feature. `window`, `step` and `session` are in ms; 0 if there is none.

    `key` are names of fields, and payments without one of them have no part in it. `of` is the
    field that the value is made of; empty where it needs none. An attribute is named with its type,
    `email:str`. `where` is a condition on a payment: those that don't meet it aren't counted;
    `attributes` are the types of those that it reads. `without_key` is the value of a payment that
    lacks a field of the key, if that isn't the neutral one. One that is `built_in` is of the
    catalogue: of its name there is no other.
    """

    name: str
    key: tuple[str, ...]
    value: str
    of: str = ""
    window: int = 0
    step: int = 0
    session: int = 0
    where: Node | None = None
    attributes: tuple[tuple[str, Kind], ...] = ()
    about: str = field(default="", compare=False)
    without_key: FeatureValue | None = None
    built_in: bool = False

    @property
    def span(self) -> Span:
        """What it looks at."""
        return "session" if self.session else "steps" if self.step else "window"

    @property
    def type(self) -> FeatureType:
        """The type of its values."""
        return KINDS[self.value].type

    @property
    def neutral(self) -> FeatureValue:
        """Its value where no payment counts."""
        return neutral_value(self.value, self.window)

    @property
    def unkeyed(self) -> FeatureValue:
        """Its value for a payment that lacks a field of the key."""
        return self.neutral if self.without_key is None else self.without_key

    @property
    def first(self) -> FeatureValue:
        """Its value for a first payment, as tests of rules have it."""
        return first_value(self.value, self.of, self.window, self.where is not None)

    @property
    def content(self) -> dict[str, Any]:
        """All that decides its values."""
        asked = {"attributes": dict(self.attributes)} if self.attributes else {}
        own = {"without_key": self.without_key} if self.without_key is not None else {}
        return {
            **asked,
            **own,
            "key": list(self.key),
            "value": self.value,
            "of": self.of,
            "window": self.window,
            "step": self.step,
            "session": self.session,
            "where": render(self.where) if self.where is not None else "",
        }

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the content: two that are called alike are told apart by it."""
        text = json.dumps(self.content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def slot(self) -> str:
        """What it is called among the features of several rulesets, and in state."""
        return self.name if self.built_in else f"{self.name}__{self.digest[:16]}"

    @property
    def of_verdicts(self) -> bool:
        """Whether it counts payments by what became of them, once that is known."""
        return self.where is not None and VERDICT in names(self.where)

    @property
    def retention(self) -> int:
        """For how long after an event it may look at it, in ms."""
        return self.session or self.window


def attribute(field: str) -> tuple[str, Kind] | None:
    """The name and type of an attribute in a key, or of which a value is; None for a field."""
    name, colon, kind = field.partition(":")
    return (name, cast(Kind, kind)) if colon else None


def entry_field(field: str) -> str:
    """What such a field is called in an entry."""
    return field.replace(":", "_")


def named_by(declared: tuple[Declaration, ...]) -> Callable[..., Features]:
    """What makes a ruleset's features, by name or in the order: the catalogue's, then declared."""
    if not declared:
        return named
    types = [(feature.name, feature.type) for feature in CATALOGUE]
    return features_type([*types, *((one.name, one.type) for one in declared)])


class Keyed(NamedTuple):
    """What a stage of declared features has: a key, and whether payments or verdicts count."""

    key: tuple[str, ...]
    of_verdicts: bool = False


def stage_key(one: Declaration) -> tuple[str, ...]:
    """What the stage of a feature is keyed by.

    What is by currency as well is computed with the rest of its key: few pay in more than one, and
    a stage of its own would remember each payment once more.
    """
    rest = tuple(field for field in one.key if field != "currency")
    return one.key if one.of_verdicts or not rest else rest


def keys_of(declarations: Iterable[Declaration]) -> dict[Keyed, list[Declaration]]:
    """Declarations by their stage's key and by what they count, in the order in which these first
    come.
    """
    found: dict[Keyed, list[Declaration]] = {}
    for one in declarations:
        found.setdefault(Keyed(stage_key(one), one.of_verdicts), []).append(one)
    return found


def own_features(declared: tuple[Declaration, ...]) -> Callable[[Features], Features]:
    """How a ruleset takes its own out of the features of any set that has them, by its names."""
    make = named_by(declared)
    read = attrgetter(*NAMES, *(one.slot for one in declared))
    catalogue = type(named(*FIRST.values()))

    def own(features: Features) -> Features:
        if not declared and type(features) is catalogue:
            return features
        return make(*read(features))

    return own
