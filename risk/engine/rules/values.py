"""What values there are: their types, which can be equal, and what a field can never hold."""

from __future__ import annotations

from risk.engine.rules import networks
from risk.engine.rules.names import ASKABLE, SHAPES, VERDICT, Kind, Value


def unknown(name: str, hint: str) -> str:
    """What is said of a name that nothing has."""
    if name == VERDICT:
        return (
            "the verdict on a payment isn't known when it is decided: declare a feature that "
            'counts earlier ones, where: verdict == "fraud"'
        )
    return f"no feature or field is called {name}{hint}"


def kind_of(value: Value) -> Kind:
    """The type of a literal."""
    if isinstance(value, bool):
        return "bool"
    return "int" if isinstance(value, int) else "float" if isinstance(value, float) else "str"


def comparable(left: Kind | None, right: Kind | None) -> bool:
    """Whether values of these types can be equal at all; whole numbers and fractions can."""
    number = ("int", "float")
    return None in (left, right) or left == right or (left in number and right in number)


def misshapen(name: str, value: Value, *, listed: bool = False) -> str | None:
    """Why a field can never equal a text, or be in a list for it, if so."""
    if value == "" and name in ASKABLE:
        return f"for a payment without it write not has({name})"
    if name in networks.FIELDS and isinstance(value, str):
        return networks.fault(name, value, listed=listed)
    shape = SHAPES.get(name)
    if shape is None or not isinstance(value, str) or shape.pattern.fullmatch(value):
        return None
    return f"{name} is never {value!r}: it is {shape.meaning}"
