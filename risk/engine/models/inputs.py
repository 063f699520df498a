"""What a model looks at, as whole numbers: a row of 64-bit integers for each payment.

Whole numbers and true or false (1, 0) are taken as they are. A fraction has four decimals at most,
and is taken in ten-thousandths. Nothing is ever missing: where nothing is known, a feature has its
neutral value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any, Final, NamedTuple

import numpy as np

from risk.engine.features.catalogue import FeatureType, FeatureValue
from risk.engine.features.named import Features
from risk.engine.models.format import Input
from risk.engine.models.nodes import Ints
from risk.engine.payment.calendar import hour_utc, weekday_utc
from risk.engine.payment.currencies import MAJOR_UNIT
from risk.engine.payment.transaction import Transaction

PER_UNIT: Final = 10_000  # of a fraction
LEAST, MOST = -(2**63), 2**63 - 1
_LARGEST: Final = float(2**63 - 1024)  # the largest fraction that is within 64 bits

Event = tuple[Features, Transaction]


class Offered(NamedTuple):
    """A feature of a ruleset: its type, and the digest of its declaration if it is declared."""

    type: FeatureType
    digest: str = ""


class _Field(NamedTuple):
    type: FeatureType
    read: Callable[[Transaction], FeatureValue]


FIELDS: Final[dict[str, _Field]] = {
    "amount": _Field("int", lambda txn: txn.amount),
    "amount_major": _Field("float", lambda txn: txn.amount / MAJOR_UNIT[txn.currency]),
    "hour_utc": _Field("int", lambda txn: hour_utc(txn.event_time)),
    "weekday_utc": _Field("int", lambda txn: weekday_utc(txn.event_time)),
}


def faults(inputs: Sequence[Input], offered: Mapping[str, Offered]) -> Iterator[tuple[int, str]]:
    """Each input that a ruleset doesn't have, or means something else by, and why."""
    for index, one in enumerate(inputs):
        if one.field:
            if one.field not in FIELDS:
                yield index, f"no field {one.field}: it may be {', '.join(FIELDS)}"
            continue
        known = offered.get(one.feature)
        if known is None:
            yield index, f"the ruleset has no feature {one.feature}"
        elif known.digest and not one.digest:
            yield index, f"{one.feature} is declared: its digest is missing, {known.digest}"
        elif known.digest != one.digest:
            meant = known.digest[:12] or "of the catalogue"
            yield (
                index,
                f"{one.feature} is {meant} in the ruleset, {one.digest[:12]} here: it means "
                "something else than what the model was trained on",
            )


def value_of(one: Input, event: Event) -> FeatureValue:
    """The value of an input, as it is shown."""
    if one.field:
        return FIELDS[one.field].read(event[1])
    value: FeatureValue = getattr(event[0], one.feature)
    return value


class Reader:
    """Reads inputs of models. The ruleset has them all, see `faults`."""

    def __init__(self, inputs: Sequence[Input], offered: Mapping[str, Offered]) -> None:
        self._inputs = inputs
        columns: dict[bool, list[tuple[int, str]]] = {True: [], False: []}
        self._fields: list[tuple[int, _Field]] = []
        for index, one in enumerate(inputs):
            if one.field:
                self._fields.append((index, FIELDS[one.field]))
            else:
                columns[offered[one.feature].type == "float"].append((index, one.feature))
        self._whole, self._fractions = _Columns(columns[False]), _Columns(columns[True])

    def rows(self, events: Sequence[Event]) -> Ints:
        """A row for each event, a column for each input."""
        found = np.empty((len(events), len(self._inputs)), np.int64)
        if self._whole.at:
            found[:, self._whole.at] = _whole([self._whole.read(one) for one, _ in events])
        if self._fractions.at:
            read = [self._fractions.read(one) for one, _ in events]
            found[:, self._fractions.at] = compared(read)
        for index, field in self._fields:
            values = [field.read(txn) for _, txn in events]
            found[:, index] = compared(values) if field.type == "float" else _whole(values)
        return found


class _Columns:
    """Features that are read with one call."""

    def __init__(self, columns: list[tuple[int, str]]) -> None:
        self.at = [index for index, _ in columns]
        names = [name for _, name in columns]
        self.read: Callable[[Features], Any] = attrgetter(*names) if names else lambda _: ()
        if len(names) == 1:
            single = self.read
            self.read = lambda features: (single(features),)


def _whole(values: Sequence[Any]) -> Ints:
    try:
        return np.array(values, np.int64)
    except OverflowError:  # what is beyond 64 bits is the largest, or the least, of these
        return np.clip(np.array(values, object), LEAST, MOST).astype(np.int64)


def compared(values: Any, per_unit: int | Sequence[int] = PER_UNIT) -> Ints:
    """Numbers as nodes compare them: so many to a unit, or for each column so many."""
    with np.errstate(over="ignore"):  # the largest is as good as infinite
        scaled = np.rint(np.array(values, np.float64) * np.array(per_unit))
    found: Ints = np.clip(scaled, -_LARGEST, _LARGEST).astype(np.int64)
    return found
