"""What a ruleset asks of its payments: fields that must be there, attributes with their types."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from risk.engine.payment.members import LEAST, MOST
from risk.engine.payment.rejected import Rejected
from risk.engine.payment.transaction import FIELDS, Transaction

Kind = Literal["int", "float", "bool", "str"]
Value = int | float | bool | str

NOTHING: Final[Mapping[str, Kind]] = MappingProxyType({})
# What a rule reads of an attribute that the payment doesn't have.
NEUTRAL: Final[Mapping[Kind, Value]] = MappingProxyType(
    {"int": 0, "float": 0.0, "bool": False, "str": ""}
)
_MEANING: Final[Mapping[Kind, str]] = {
    "int": "a whole number (int)",
    "float": "a number (float)",
    "bool": "true or false (bool)",
    "str": "a text (str)",
}


class Contract(NamedTuple):
    """What the ruleset called `ruleset` asks.

    `declared` are its attributes, `required` the optional fields and attributes that a payment must
    have. `known` are all names that any ruleset of the job declares: the others are counted.
    """

    ruleset: str = ""
    declared: Mapping[str, Kind] = NOTHING
    required: tuple[str, ...] = ()
    known: frozenset[str] = frozenset()

    def check(self, txn: Transaction) -> None:
        """That a payment is as asked. Raises `Rejected`."""
        attributes = txn.attributes or {}
        for name in self.required:
            value = getattr(txn, name) if name in FIELDS else attributes.get(name)
            if value is None or (name in FIELDS and value == ""):
                raise Rejected(
                    "invalid_field", f"{name}: missing: ruleset {self.ruleset} requires it: send it"
                )
        for name, value in attributes.items():
            kind = self.declared.get(name)
            if kind is not None and typed(value, kind) is None:
                raise Rejected(
                    "invalid_field",
                    f"{name}: expected {_MEANING[kind]}, found {found(value)}: ruleset "
                    f"{self.ruleset} declares the attribute: send it so",
                )

    def undeclared(self, txn: Transaction) -> int:
        """How many attributes of a payment no ruleset declares."""
        attributes = txn.attributes
        return sum(name not in self.known for name in attributes) if attributes else 0


OPEN: Final = Contract()


def typed(value: object, kind: Kind) -> Value | None:
    """An attribute's value as one of a type, whole numbers also as fractions; None if it isn't."""
    if isinstance(value, bool):
        return value if kind == "bool" else None
    if isinstance(value, str):
        return value if kind == "str" else None
    if isinstance(value, int):
        return value if kind == "int" else float(value) if kind == "float" else None
    if isinstance(value, float):
        if kind == "int":
            return int(value) if value.is_integer() and LEAST <= value <= MOST else None
        return value if kind == "float" else None
    return None


def found(value: object) -> str:
    """What an attribute's value is, in words."""
    if isinstance(value, bool):
        return _MEANING["bool"]
    if isinstance(value, str):
        return _MEANING["str"]
    if isinstance(value, int):
        return _MEANING["int"]
    if isinstance(value, float):
        return _MEANING["float"]
    return "a list" if isinstance(value, list) else "an object"


def read(txn: Transaction, name: str, kind: Kind) -> Value | None:
    """An attribute of a payment; None if it doesn't have it, or one of another type."""
    attributes = txn.attributes
    value = attributes.get(name) if attributes else None
    return None if value is None else typed(value, kind)
