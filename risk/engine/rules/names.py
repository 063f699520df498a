"""What a rule may look at: the features, and some fields of the transaction. Nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from risk.engine.features.catalogue import HOUR as HOUR
from risk.engine.features.catalogue import TYPES
from risk.engine.features.named import Features
from risk.engine.payment import contract
from risk.engine.payment.addresses import network
from risk.engine.payment.calendar import hour_utc as hour_utc
from risk.engine.payment.calendar import weekday_utc as weekday_utc
from risk.engine.payment.contract import Kind as Kind
from risk.engine.payment.contract import Value as Value
from risk.engine.payment.currencies import MAJOR_UNIT
from risk.engine.payment.transaction import CHANNELS, OPTIONAL, Transaction
from risk.engine.payment.transaction import FIELDS as MEMBERS

# Fields as they stand in the transaction, "" where it has none. Not event_id, event_time,
# card_token or the place: a rule on one of these would be about a single event, a clock or a card.
FIELDS: Final[dict[str, Kind]] = {
    "amount": "int",
    "currency": "str",
    "merchant_id": "str",
    "merchant_category": "str",
    "channel": "str",
    "country": "str",
    "ip": "str",
    "device_id": "str",
    "source": "str",
    "user_id": "str",
}
# Of how the payment came: too late to be in anybody's windows, it is decided on its own.
CONTEXT: Final[dict[str, Kind]] = {"late": "bool"}
# Derived from event_time by integer arithmetic, in UTC: 0..23, and 1 (Monday) to 7 (Sunday).
TIMES: Final[dict[str, Kind]] = {"hour_utc": "int", "weekday_utc": "int"}
# Derived from other fields, which are named: a test gives these instead.
DERIVED: Final[dict[str, tuple[Kind, str]]] = {
    "amount_major": ("float", "amount and currency"),
    "major_unit": ("int", "currency"),
    "ip_network": ("str", "ip"),
}

# What gives a model's score in rules: boosting and random forests, isolation forests.
MODEL, ANOMALY = "model", "anomaly"
FUNCTIONS: Final = (MODEL, ANOMALY)
# Models by name, with what gives their scores; "" for one whose file is faulty: it may be either.
Models = Mapping[str, str]
NO_MODELS: Final[Models] = MappingProxyType({})

Kinds = Mapping[str, Kind]  # all names that a ruleset's expressions may read, with their types

KINDS: Final[dict[str, Kind]] = {
    **TYPES,
    **FIELDS,
    **TIMES,
    **{name: kind for name, (kind, _) in DERIVED.items()},
    **CONTEXT,
}
# What became of an earlier payment: only the conditions of declared features may ask, as nothing is
# known of a payment when it is decided.
VERDICT: Final = "verdict"
# What a payment may lack, and `has(…)` may ask for; besides its attributes.
ASKABLE: Final = OPTIONAL


class Attribute(NamedTuple):
    """An attribute that a ruleset declares."""

    kind: Kind
    about: str


Attributes = Mapping[str, Attribute]
NO_ATTRIBUTES: Final[Attributes] = MappingProxyType({})
WORDS: Final = ("and", "or", "not", "in", "has", "true", "false")
# What no attribute can be called.
TAKEN: Final = frozenset({*KINDS, *MEMBERS, *WORDS, VERDICT, "attributes", "undeclared"})


def kinds(attributes: Attributes) -> Kinds:
    """All that the rules of a ruleset may read, by name."""
    if not attributes:
        return KINDS
    return KINDS | {name: attribute.kind for name, attribute in attributes.items()}


class Shape(NamedTuple):
    """What every value of a field looks like: text of another shape could never match."""

    pattern: re.Pattern[str]
    meaning: str


SHAPES: Final[dict[str, Shape]] = {
    "country": Shape(re.compile(r"[A-Z]{2}"), "two capital letters"),
    "currency": Shape(re.compile(r"[A-Z]{3}"), "three capital letters"),
    "merchant_category": Shape(re.compile(r"[0-9]{4}"), "four digits"),
    "channel": Shape(re.compile("|".join(CHANNELS)), "one of " + ", ".join(CHANNELS)),
    VERDICT: Shape(re.compile("fraud|legitimate"), "fraud or legitimate"),
}


def read(
    name: str,
    features: Features,
    txn: Transaction,
    late: bool = False,
    attributes: Attributes = NO_ATTRIBUTES,
) -> Value:
    """The value of one name, as a reason shows it."""
    if attribute := attributes.get(name):
        known = contract.read(txn, name, attribute.kind)
        return contract.NEUTRAL[attribute.kind] if known is None else known
    if name == "late":
        return late
    if name == "hour_utc":
        return hour_utc(txn.event_time)
    if name == "weekday_utc":
        return weekday_utc(txn.event_time)
    if name == "amount_major":
        return txn.amount / MAJOR_UNIT[txn.currency]
    if name == "major_unit":
        return MAJOR_UNIT[txn.currency]
    if name == "ip_network":
        return network(txn.ip)
    value: Value = getattr(txn if name in FIELDS else features, name)
    return value
