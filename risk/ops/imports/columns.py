"""A field's value in each row of a batch; what is wrong is noted with its column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from risk.engine.payment.transaction import Transaction
from risk.ops.imports.amounts import decimals
from risk.ops.imports.batch import Batch
from risk.ops.imports.cells import MISSING, Cell, Wrong
from risk.ops.imports.mapping import Amount, Field

REQUIRED: Final = frozenset(f.name for f in msgspec.structs.fields(Transaction) if f.required)
Faults = dict[int, tuple[str, str]]  # by place in the batch: column, why


def column_of(field: Field, batch: Batch, faults: Faults) -> Sequence[Any]:
    """A field's value in each row; `MISSING` where there is none, or where it is faulty."""
    cells = _cells(field, batch)
    try:
        found = list(map(field.convert, cells))
    except Wrong:
        found = []
        for at, cell in enumerate(cells):
            try:
                found.append(field.convert(cell))
            except Wrong as wrong:
                faults.setdefault(at, (field.column or "", f"{field.name}: {wrong}"))
                found.append(MISSING)
    if field.name in REQUIRED and MISSING in found:
        _note_missing(field, found, faults)
    return found


def amounts_of(
    amount: Amount, batch: Batch, currencies: Sequence[Any], faults: Faults
) -> Sequence[Any]:
    """The amount in each row, in minor units of the row's currency."""
    field, minor = amount
    if field.column is None:
        return [field.constant] * batch.size
    cells = _cells(field, batch)
    default = field.convert(None)
    found = []
    for at, (cell, currency) in enumerate(zip(cells, currencies, strict=True)):
        try:
            if (filled := field.convert(cell)) is default:
                found.append(default)  # already in minor units, as a constant is
            else:
                found.append(minor(filled, decimals(currency)))
        except Wrong as wrong:
            faults.setdefault(at, (field.column, f"amount: {wrong}"))
            found.append(MISSING)
    if MISSING in found:
        _note_missing(field, found, faults)
    return found


def _cells(field: Field, batch: Batch) -> Sequence[Cell]:
    return batch.columns.get(field.column or "") or [None] * batch.size


def _note_missing(field: Field, found: Sequence[Any], faults: Faults) -> None:
    for at, value in enumerate(found):
        if value is MISSING:
            told = f"{field.name}: empty: the map may give it a 'default'"
            faults.setdefault(at, (field.column or "", told))
