"""A rule's own tests: read from its file, and run.

A test names only what matters. All else is that of a user's first payment, seen alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

import yaml

from risk.engine.features.catalogue import DAY, FIRST, FIRST_AMOUNT
from risk.engine.features.named import Features
from risk.engine.messages import MAX_MODEL_SCORE
from risk.engine.payment.addresses import canonical
from risk.engine.payment.transaction import FIELDS as MEMBERS
from risk.engine.payment.transaction import Transaction
from risk.engine.rules.compiler import compile_rules
from risk.engine.rules.declaration import Declaration, named_by
from risk.engine.rules.document import Document
from risk.engine.rules.errors import Fault, did_you_mean
from risk.engine.rules.missing import missing_fields
from risk.engine.rules.modelcall import model_call
from risk.engine.rules.names import (
    DERIVED,
    FIELDS,
    HOUR,
    KINDS,
    NO_ATTRIBUTES,
    NO_MODELS,
    Attributes,
    Kind,
    Kinds,
    Models,
    Value,
)
from risk.engine.rules.ruleset import Case, Rule, Ruleset
from risk.engine.rules.tree import calls, render
from risk.engine.rules.values import comparable, kind_of, misshapen, unknown

NEUTRAL_FIELDS: Final[dict[str, Value]] = {
    "amount": FIRST_AMOUNT,
    "currency": "EUR",
    "merchant_id": "merchant-1",
    "merchant_category": "5411",
    "channel": "web",
    "country": "DE",
    "ip": "192.0.2.1",
    "device_id": "device-1",
    "source": "bank-1",
    "user_id": "user-1",
    "hour_utc": 12,
    "weekday_utc": 3,
    "late": False,
}
_MONDAY: Final = 4 * DAY  # 5 January 1970
# A test's numbers stay within what the type check of expressions takes for granted.
_MAX_NUMBER: Final = 2**63


class Result(NamedTuple):
    """How a rule's test went: `hit` is what came out."""

    rule: Rule
    case: Case
    hit: bool

    @property
    def passed(self) -> bool:
        """Whether it came out as expected."""
        return self.hit is self.case.hit


def run_cases(ruleset: Ruleset) -> Iterator[Result]:
    """Run every rule's tests, each rule on its own."""
    for rule in ruleset.rules:
        hits = compile_rules([rule.when], ruleset.lists, ruleset.attributes)
        asked = {str(call.name.value): render(call) for call in calls(rule.when)}
        for case in rule.cases:
            own = situation(case.given, case.without, ruleset.attributes, ruleset.features)
            scores = {name: int(case.given.get(given, 0)) for name, given in asked.items()}
            yield Result(rule, case, bool(hits(*own, scores)))


def situation(
    given: Mapping[str, Value],
    without: Collection[str] = (),
    attributes: Attributes = NO_ATTRIBUTES,
    declared: Iterable[Declaration] = (),
) -> tuple[Features, Transaction, bool]:
    """Features, a transaction, and whether it is late, with the given values, all else neutral.

    The transaction lacks the fields `without`, and has those `attributes` that are given.
    """
    ones = tuple(declared)
    first = {**FIRST, **{one.name: one.first for one in ones}}
    features: dict[str, Any] = {name: given.get(name, value) for name, value in first.items()}
    fields: dict[str, Any] = {name: given.get(name, v) for name, v in NEUTRAL_FIELDS.items()}
    day, hour = fields.pop("weekday_utc") - 1, fields.pop("hour_utc")
    fields["ip"] = canonical(fields["ip"])
    late = bool(fields.pop("late"))
    fields["card_token"] = "token-1"  # noqa: S105
    own = {name: value for name, value in given.items() if name in attributes}
    txn = Transaction(
        event_id="event-1",
        event_time=_MONDAY + day * DAY + hour * HOUR,
        attributes=own or None,
        **{name: value for name, value in fields.items() if name not in without},
    )
    return named_by(ones)(**features), txn, late


def neutral_payment(
    number: int, after: int, given: Mapping[str, Value], without: Collection[str] = ()
) -> Transaction:
    """A payment so many ms after the start of a Monday, with the given values, else neutral.

    It lacks the fields `without`.
    """
    fields: dict[str, Any] = {n: v for n, v in NEUTRAL_FIELDS.items() if n in FIELDS}
    fields |= {"card_token": "token-1"}
    attributes = {name: value for name, value in given.items() if name not in MEMBERS}
    fields |= {name: value for name, value in given.items() if name in MEMBERS}
    fields["ip"] = canonical(fields["ip"])
    fields["attributes"] = attributes or None
    return Transaction(
        schema_version=1,
        event_id=f"event-{number:03}",
        event_time=_MONDAY + after,
        **{name: value for name, value in fields.items() if name not in without},
    )


def case(
    document: Document, node: yaml.Node, kinds: Kinds = KINDS, models: Models = NO_MODELS
) -> Case | None:
    """One item of `tests`; None with at least one fault in the document.

    `kinds` are the types of all names that it may give, `models` those whose scores it may give.
    """
    before = len(document.errors)
    keys = document.mapping(node, ("name", "hit", "given"), ("without",))
    name = document.line(keys.get("name"), "a name")
    hit = document.choice(keys.get("hit"), (True, False), "true or false")
    given: dict[str, Value] = {}
    for key, (place, item) in document.entries(keys.get("given")).items():
        if asked := _asked(document, place, key, models):
            score = document.integer(item, 0, MAX_MODEL_SCORE)
            given |= {asked: score} if score is not None else {}
            continue
        if asked is not None:
            continue
        if key not in kinds:
            hint = did_you_mean(key, list(kinds))
            document.fault(place, unknown(key, hint), whole=True)
            continue
        if key in DERIVED:
            document.fault(place, f"{key} comes from {DERIVED[key][1]}: give that", whole=True)
            continue
        value = document.scalar(item)
        if value is None:
            continue
        if message := _unfit(key, value, kinds[key]):
            document.fault(item, message, whole=True)
        given[key] = float(value) if kinds[key] == "float" and kind_of(value) == "int" else value
    without = missing_fields(document, keys.get("without"), given)
    if len(document.errors) > before or name is None:
        return None
    return Case(name, bool(hit), given, node.start_mark.line + 1, without)


def _asked(document: Document, place: yaml.Node, key: str, models: Models) -> str | None:
    """The model whose score a key gives, as `render` writes it; None for another key, "" for a
    faulty one.
    """
    try:
        call = model_call(key, models)
    except Fault as fault:
        document.fault(place, fault.message, whole=True)
        return ""
    return None if call is None else render(call)


_WANTED: Final[dict[Kind, str]] = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "str": "a text: put quotes around it",
}


def _unfit(name: str, value: Value, kind: Kind) -> str | None:
    """Why a name of this type can't have this value, if so."""
    own = kind_of(value)
    if not comparable(kind, own) or (kind == "int" and own == "float"):
        return f"{name} is {_WANTED[kind]}"
    if isinstance(value, str):
        empty = None if value or name not in KINDS else f"{name} is never empty"
        return misshapen(name, value) or empty
    if name not in KINDS:
        return None if -_MAX_NUMBER <= value < _MAX_NUMBER else f"{name} is out of range"
    low, high = {"hour_utc": (0, 23), "weekday_utc": (1, 7)}.get(name, (0, _MAX_NUMBER))
    return None if low <= value <= high else f"{name} is from {low} to {high}"
