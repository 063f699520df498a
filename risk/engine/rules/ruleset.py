"""A checked ruleset, ready to run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from risk.engine.control_group import Release
from risk.engine.features.catalogue import NAMES
from risk.engine.features.named import Features
from risk.engine.models.inputs import Event
from risk.engine.models.model import Model
from risk.engine.models.panel import Panel
from risk.engine.models.rollout import NO_ROLLOUTS, Rollouts
from risk.engine.models.scored import Scored
from risk.engine.payment.contract import OPEN, Contract
from risk.engine.rules.compiler import Hits
from risk.engine.rules.declaration import Declaration
from risk.engine.rules.featurecases import FeatureCase
from risk.engine.rules.names import NO_ATTRIBUTES, Attributes, Kind, Value
from risk.engine.rules.template import Template
from risk.engine.rules.tree import Node, calls, render

NO_MODELS: Final[Mapping[str, Model]] = MappingProxyType({})


def as_they_are(features: Features) -> Features:
    """The same features."""
    return features


@dataclass(frozen=True, slots=True)
class Case:
    """A rule's own test: whether it should hit with `given`, all else neutral, on a payment that
    lacks the fields `without`.
    """

    name: str
    hit: bool
    given: Mapping[str, Value]
    line: int
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. A hit adds `points` to the score and the filled-in `reason` to its reasons."""

    id: str
    version: int
    description: str
    points: int
    when: Node
    reason: Template
    cases: tuple[Case, ...]

    @property
    def content(self) -> dict[str, Any]:
        """What of the rule can change a score or its reasons, but for its version."""
        when = render(self.when)
        return {"id": self.id, "points": self.points, "when": when, "reason": self.reason.text}

    @property
    def fingerprint(self) -> str:
        """SHA-256 (hex) of `content`: a rule's version may never stand for two of these."""
        return digest(self.content)


@dataclass(frozen=True, slots=True)
class Ruleset:
    """A ruleset. `rules` stand in the order of reasons: most points first, then by id.

    `hits(features, txn, late, models)` gives the indexes of the rules that hit, in that order.
    `review` and `block` are the scores from which a decision is REVIEW and BLOCK. `fingerprint` is
    the SHA-256 (hex) of all that can change a score, a decision or a reason; descriptions, tests,
    comments, the order of keys and white space don't. `contract` is what it asks of a payment.
    `features` are those that it declares, by name; `own` takes those that it reads out of all that
    a job computes. `models` are by name; those in `asked` are scored, each by itself or, where it
    is in `rollouts`, by its challenger for a share of the users. `release` says which of the
    payments that it would block go through; None: none. `release_tests` are its tests. `slots` are
    the features that its payments have, as they are called among those of several rulesets.
    """

    name: str
    version: int
    description: str
    review: int
    block: int
    rules: tuple[Rule, ...]
    lists: Mapping[str, tuple[Value, ...]]
    hits: Hits
    fingerprint: str
    attributes: Attributes = field(default_factory=dict)
    contract: Contract = OPEN
    features: tuple[Declaration, ...] = ()
    feature_tests: tuple[tuple[Declaration, tuple[FeatureCase, ...]], ...] = ()
    own: Callable[[Features], Features] = as_they_are
    models: Mapping[str, Model] = field(default_factory=dict)
    rollouts: Rollouts = field(default_factory=dict)
    asked: tuple[str, ...] = ()
    release: Release | None = None
    release_tests: tuple[Case, ...] = ()
    slots: frozenset[str] = field(init=False, repr=False, compare=False)
    _panel: Panel = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        slots = frozenset({*NAMES, *(one.slot for one in self.features)})
        object.__setattr__(self, "slots", slots)  # told once: each is a SHA-256
        object.__setattr__(self, "_panel", Panel(self.models, self.rollouts, self.asked))

    def scored(self, events: Sequence[Event]) -> Sequence[Scored]:
        """What its models say of payments, all of them at once, in their order."""
        return self._panel.scored(events)

    def prepare(self) -> None:
        """Make the tables of its models now, and not when the first payment comes."""
        for model in self.models.values():
            model.prepare()

    def reads_any(self, slots: frozenset[str]) -> bool:
        """Whether any of these is a feature of its payments."""
        return not self.slots.isdisjoint(slots)

    @property
    def declared(self) -> Mapping[str, Kind]:
        """The types of its attributes."""
        return self.contract.declared


def called_models(rules: Sequence[Rule]) -> set[str]:
    """The models that rules, or their reasons, ask for by name."""
    found = {str(call.name.value) for rule in rules for call in calls(rule.when)}
    return found.union(*(rule.reason.models for rule in rules))


def asked_models(
    models: Mapping[str, Model], rollouts: Rollouts, rules: Sequence[Rule]
) -> tuple[str, ...]:
    """The models whose scores are told: all but challengers that no rule asks for by name.

    A challenger in the shadow is told beside its champion.
    """
    silent = {one.challenger for one in rollouts.values()}
    silent -= {one.challenger for one in rollouts.values() if one.shadow} | called_models(rules)
    return tuple(name for name in models if name not in silent)


def contract_of(ruleset: Ruleset, shadow: Ruleset | None) -> Contract:
    """What two rulesets ask of the payments of one job: its outcomes are the first one's alone.

    Raises `ValueError` if they give an attribute different types.
    """
    if shadow is None:
        return ruleset.contract
    own, other = ruleset.declared, shadow.declared
    for name in sorted(own.keys() & other.keys()):
        if own[name] != other[name]:
            raise ValueError(
                f"attribute {name} is {own[name]} in {ruleset.name}:{ruleset.version}, and "
                f"{other[name]} in {shadow.name}:{shadow.version}: give it one type"
            )
    return ruleset.contract._replace(known=frozenset(own.keys() | other.keys()))


def fingerprint(
    name: str,
    version: int,
    thresholds: tuple[int, int],
    rules: tuple[Rule, ...],
    lists: Mapping[str, tuple[Value, ...]],
    attributes: Attributes = NO_ATTRIBUTES,
    require: tuple[str, ...] = (),
    features: tuple[Declaration, ...] = (),
    models: Mapping[str, Model] = NO_MODELS,
    rollouts: Rollouts = NO_ROLLOUTS,
    release: Release | None = None,
) -> str:
    """The fingerprint of a ruleset; `thresholds` are review and block."""
    asked: dict[str, Any] = {}  # only what is there: others have the fingerprint that they had
    if attributes:
        asked["attributes"] = {name: attribute.kind for name, attribute in attributes.items()}
    if require:
        asked["require"] = sorted(require)
    if features:
        asked["features"] = {one.name: one.content for one in features}
    if models:
        asked["models"] = {name: model.digest for name, model in models.items()}
    if rollouts:
        asked["rollouts"] = {name: one._asdict() for name, one in rollouts.items()}
    if release:
        asked["control_group"] = release.content
    return digest(
        {
            **asked,
            "name": name,
            "version": version,
            "review": thresholds[0],
            "block": thresholds[1],
            "rules": {rule.id: {**rule.content, "version": rule.version} for rule in rules},
            "lists": {key: sorted(values, key=repr) for key, values in lists.items()},
        }
    )


def digest(content: object) -> str:
    """SHA-256 (hex) of the canonical JSON: sorted keys, no white space, UTF-8."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
