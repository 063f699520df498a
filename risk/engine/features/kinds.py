"""What a feature may say of payments: the kinds of values, their types, and what each is alone."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

FeatureType = Literal["int", "float", "bool"]
FeatureValue = int | float | bool
Span = Literal["window", "steps", "session"]
Needs = Literal["nothing", "number", "anything"]  # what stands in the parentheses

SECOND: Final = 1_000
FIRST_AMOUNT: Final = 1_234  # minor units: the amount of a first payment, as tests of rules have it


class ValueKind(NamedTuple):
    """What a kind of value needs and gives; `spans` are what it can look at."""

    needs: Needs
    type: FeatureType
    spans: tuple[Span, ...]
    meaning: str


KINDS: Final[dict[str, ValueKind]] = {
    "count": ValueKind("nothing", "int", ("window", "steps", "session"), "how many payments"),
    "sum": ValueKind("number", "int", ("window", "steps", "session"), "the exact sum"),
    "mean": ValueKind("number", "float", ("window", "steps", "session"), "the mean, 4 decimals"),
    "stddev": ValueKind(
        "number", "float", ("window", "steps", "session"), "of the population, 4 decimals"
    ),
    "min": ValueKind("number", "int", ("window", "steps", "session"), "the least"),
    "max": ValueKind("number", "int", ("window", "steps", "session"), "the greatest"),
    "distinct": ValueKind(
        "anything", "int", ("window", "steps", "session"), "how many different values"
    ),
    "earlier": ValueKind(
        "nothing", "int", ("window", "steps", "session"), "how many payments before this one"
    ),
    "ratio": ValueKind(
        "number",
        "float",
        ("window", "steps", "session"),
        "this payment's over the mean of the earlier ones, 4 decimals",
    ),
    "first": ValueKind("number", "int", ("steps", "session"), "that of the first payment"),
    "duration": ValueKind("nothing", "int", ("session",), "how long the session lasts, in ms"),
    "previous": ValueKind("number", "int", ("window",), "that of the payment before"),
    "since": ValueKind("nothing", "int", ("window",), "whole seconds since the payment before"),
    "new": ValueKind("anything", "bool", ("window",), "has a past, but not with this value"),
    "distance": ValueKind("nothing", "float", ("window",), "km from the place before"),
    "speed": ValueKind("nothing", "float", ("window",), "km/h over that distance, in at least 1 s"),
}


def neutral_value(value: str, window: int) -> FeatureValue:
    """What it is where no payment counts; the window is in ms."""
    if value == "since":
        return window // SECOND
    return {"int": 0, "float": 0.0, "bool": False}[KINDS[value].type]


def first_value(value: str, of: str, window: int, conditional: bool) -> FeatureValue:
    """What it is for a first payment, of `FIRST_AMOUNT`. With a condition it is the neutral one."""
    neutral = neutral_value(value, window)
    if conditional:
        return neutral
    own = FIRST_AMOUNT if of == "amount" else 0
    alone: dict[str, FeatureValue] = {
        "count": 1,
        "distinct": 1,
        "sum": own,
        "min": own,
        "max": own,
        "first": own,
        "mean": float(own),
    }
    return alone.get(value, neutral)
