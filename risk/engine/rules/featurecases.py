"""A feature's own tests as its file has them: payments in, the value of the last one out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import yaml

from risk.engine.features.catalogue import MOST, FeatureValue
from risk.engine.rules import spans
from risk.engine.rules.declaration import Declaration
from risk.engine.rules.document import Document
from risk.engine.rules.errors import did_you_mean
from risk.engine.rules.missing import missing_fields
from risk.engine.rules.names import FIELDS, NO_ATTRIBUTES, VERDICT, Attributes, Kind, Kinds, Value
from risk.engine.rules.values import comparable, kind_of, misshapen

MOST_PAYMENTS: Final = 200
DELAY: Final = spans.UNITS["m"]  # from when a verdict is known until it counts, in tests
LATEST: Final = 400 * spans.UNITS["d"]
GIVEN: Final[dict[str, Kind]] = {**FIELDS, "card_token": "str", "lat": "float", "lon": "float"}


class CasePayment(NamedTuple):
    """A payment: when it was made, in ms after the first instant of a Monday, and what it differs
    in from the neutral one.

    A `verdict` on it counts from `counts_in` ms after it was made. It lacks the fields `without`.
    """

    time: int
    given: Mapping[str, Value]
    verdict: str = ""
    counts_in: int = 0
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FeatureCase:
    """One test. `value` is that of the last of the payments."""

    name: str
    payments: tuple[CasePayment, ...]
    value: FeatureValue
    file: str  # its path in the ruleset's folder
    line: int


def feature_cases(
    document: Document,
    node: yaml.Node | None,
    one: Declaration,
    file: str,
    attributes: Attributes = NO_ATTRIBUTES,
) -> tuple[FeatureCase, ...]:
    """The tests of a feature in that file, at least one."""
    found: list[FeatureCase] = []
    items = document.items(node, "a list of tests")
    if node is not None and isinstance(node, yaml.SequenceNode) and not items:
        document.fault(node, "there is no test: a feature shows what it gives")
    given = {**GIVEN, **{name: attribute.kind for name, attribute in attributes.items()}}
    for item in items:
        case = _case(document, item, one, file, given)
        if case and any(case.name == other.name for other in found):
            document.fault(item, f"two tests are called {case.name!r}")
        found += [case] if case else []
    return tuple(found)


def _case(
    document: Document, node: yaml.Node, one: Declaration, file: str, kinds: Kinds
) -> FeatureCase | None:
    before = len(document.errors)
    keys = document.mapping(node, ("name", "payments", "value"))
    name = document.line(keys.get("name"), "a name")
    payments: list[CasePayment] = []
    items = document.items(keys.get("payments"), "a list of payments: {at: 5m, amount: 200}")
    for item in items:
        time = payments[-1].time if payments else 0
        payments.append(_payment(document, item, time, kinds))
    if len(payments) > MOST_PAYMENTS:
        document.fault(keys.get("payments"), f"at most {MOST_PAYMENTS} payments")
    if "payments" in keys and not items:
        document.fault(keys["payments"], "there is no payment: the value is that of the last")
    value = feature_value(document, keys.get("value"), one)
    if len(document.errors) > before or name is None or value is None:
        return None
    return FeatureCase(name, tuple(payments), value, file, node.start_mark.line + 1)


def _payment(document: Document, node: yaml.Node, after: int, kinds: Kinds) -> CasePayment:
    """A payment, made at or after `after`."""
    time, given = after, dict[str, Value]()
    verdict, counts_in, lacks = "", DELAY, None
    for key, (place, item) in document.entries(node).items():
        if key == "without":
            lacks = item
            continue
        value = document.scalar(item)
        if value is None:
            continue
        if key == "at":
            ms = 0 if value in (0, "0s") else spans.length(str(value))
            if ms is None or not after <= ms <= LATEST:
                wrong = "write when after the first, in their order: 0s, 30s, 10m, 1h, 7d"
                document.fault(item, wrong, whole=True)
            else:
                time = ms
        elif key == VERDICT:
            if wrong_verdict := misshapen(key, value):
                document.fault(item, wrong_verdict, whole=True)
            verdict = str(value)
        elif key == "known_after":
            ms = 0 if value in (0, "0s") else spans.length(str(value))
            if ms is None:
                wrong = "write how long after the payment its verdict is known: 1h, 7d"
                document.fault(item, wrong, whole=True)
            counts_in = DELAY + (ms or 0)
        elif key not in kinds:
            hint = did_you_mean(key, [*kinds, "at", VERDICT, "known_after", "without"])
            document.fault(place, f"no field is called {key}{hint}", whole=True)
        elif not comparable(kinds[key], kind_of(value)) or (
            kinds[key] == "int" and kind_of(value) == "float"
        ):
            document.fault(item, f"{key} is of another type", whole=True)
        elif isinstance(value, str) and (wrong_shape := misshapen(key, value)):
            document.fault(item, wrong_shape, whole=True)
        else:
            given[key] = value
    without = missing_fields(document, lacks, given)
    return CasePayment(time, given, verdict, counts_in, without)


def feature_value(
    document: Document, node: yaml.Node | None, one: Declaration
) -> FeatureValue | None:
    """A value that the feature may have; None with a fault, or for none."""
    value = document.scalar(node) if node else None
    if value is None:
        return None
    kind = kind_of(value)
    if isinstance(value, str) or not (kind == one.type or (kind, one.type) == ("int", "float")):
        wanted = {"int": "a whole number", "float": "a number", "bool": "true or false"}[one.type]
        document.fault(node, f"{one.name} is {wanted}", whole=True)
        return None
    if kind == "int" and not -MOST - 1 <= value <= MOST:
        document.fault(node, f"{one.name} is a number of 64 bits", whole=True)
        return None
    return float(value) if one.type == "float" else value
