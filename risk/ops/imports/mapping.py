"""A map as it was read: what each member of a payment is made from, its attributes, its label."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

import yaml

from risk.engine.rules.document import Document
from risk.engine.rules.errors import RuleError, did_you_mean
from risk.errors import UserError
from risk.ops.imports.amounts import Minor
from risk.ops.imports.cells import Convert

Format = Literal["csv", "jsonl", "parquet"]


class Field(NamedTuple):
    """A member of a payment, or a part of a label. Without a column it is the `constant`.

    `convert` gives the value of a cell, `MISSING` for an empty one without a default, and raises
    `Wrong`. `node` is where the column stands in the map.
    """

    name: str
    column: str | None
    constant: object
    convert: Convert
    node: yaml.Node | None


class Amount(NamedTuple):
    """The amount. `field` converts only what is empty, `minor` needs the currency's decimals."""

    field: Field
    minor: Minor


class KnownAt(NamedTuple):
    """When a label was known: by a column; without one, or a cell in it, so long after."""

    field: Field | None
    after_ms: int | None


class Labels(NamedTuple):
    """The verdict's column, what its cells mean (None: no label), when it was known.

    `words` are who says so and why, `by` and `note`, if the map has them.
    """

    field: Field
    known_at: KnownAt
    words: Sequence[Field]


class FileForm(NamedTuple):
    """How the file is written. Without a `form` its name says it."""

    form: Format | None
    delimiter: str
    encoding: str
    empty: frozenset[str]


class Map(NamedTuple):
    """All of it. `fields` are the members of a payment but amount, and its attributes."""

    file: FileForm
    fields: Sequence[Field]
    amount: Amount
    labels: Labels | None
    document: Document

    def columns(self) -> Iterator[Field]:
        """Every use of a column."""
        used = [*self.fields, self.amount.field]
        if self.labels:
            used += [self.labels.field]
            used += [one for one in (self.labels.known_at.field, *self.labels.words) if one]
        return (field for field in used if field.column is not None)

    def check_columns(self, there: Sequence[str]) -> None:
        """Raise `UserError` where the file hasn't the map's columns."""
        names: Mapping[str, str] = {name.lower(): name for name in there}
        for field in self.columns():
            if field.column in there or field.column is None:
                continue
            near = did_you_mean(field.column, list(names))
            for lower, name in names.items():
                near = near.replace(f"mean {lower}?", f"mean {name}?")
            hint = near or f": it has {', '.join(there)}"
            self.document.fault(field.node, f"the file has no column {field.column}{hint}")
        refuse(self.document.errors)


def refuse(errors: Sequence[RuleError]) -> None:
    """Raise `UserError` with all faults, each with its line and a caret, if there are any."""
    if errors:
        ordered = sorted(errors, key=lambda error: (error.line, error.column, error.message))
        raise UserError("\n".join(map(str, ordered)))
