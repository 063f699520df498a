"""A training set, read and held to its promises again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from risk.engine.models.inputs import FIELDS, compared
from risk.errors import UserError
from risk.ops.models.sets import manifest as manifests
from risk.ops.models.sets.file import OWN, schema, sha256
from risk.ops.models.sets.labels import Known
from risk.ops.models.sets.manifest import Manifest, SetInput
from risk.ops.models.sets.promises import NOT_KNOWN, Promised, keep
from risk.ops.models.sets.weights import UNWEIGHTED

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class TrainingSet(NamedTuple):
    """Payments by column, in the order of their times. Times are in ms UTC.

    `fraud` is 1 where the verdict says so, and 0 else: a payment that has matured without a verdict
    is honest. `known_at`, since when that verdict holds, is -1 where there is none, and `earlier`
    has those that held before: `as_of` goes back to them. `user` numbers users, by the order of
    their ids. `weight` is how much a payment counts: those that don't are left out. `inputs` are
    the columns of the manifest's inputs, by their names.
    """

    path: Path
    manifest: Manifest
    event_time: Ints
    user: Ints
    fraud: Ints
    known_at: Ints
    earlier: npt.NDArray[Any]  # of each a tuple of `Known`
    amount: Ints
    score: Ints
    weight: Floats
    texts: dict[str, npt.NDArray[Any]]  # currency, country, channel, source, decision
    inputs: dict[str, npt.NDArray[Any]]

    def where(self, mask: npt.NDArray[np.bool_]) -> TrainingSet:
        """Some of the payments."""
        return self._replace(
            event_time=self.event_time[mask],
            user=self.user[mask],
            fraud=self.fraud[mask],
            known_at=self.known_at[mask],
            earlier=self.earlier[mask],
            amount=self.amount[mask],
            score=self.score[mask],
            weight=self.weight[mask],
            texts={name: column[mask] for name, column in self.texts.items()},
            inputs={name: column[mask] for name, column in self.inputs.items()},
        )

    def as_of(self, moment: int) -> TrainingSet:
        """The same payments with what was known of them at a moment, in ms UTC."""
        fraud, known_at, earlier = self.fraud.copy(), self.known_at.copy(), self.earlier.copy()
        for at in np.flatnonzero(known_at > moment):
            told = [one for one in earlier[at] if one.known_at <= moment]
            fraud[at] = bool(told) and told[-1].verdict == "fraud"
            known_at[at] = told[-1].known_at if told else NOT_KNOWN
            earlier[at] = tuple(told[:-1])
        return self._replace(fraud=fraud, known_at=known_at, earlier=earlier)

    @property
    def weights(self) -> Floats | None:
        """How much each counts; None if all count the same."""
        return None if (self.weight == UNWEIGHTED).all() else self.weight

    def values(self, inputs: Sequence[SetInput]) -> Floats:
        """Rows as libraries are trained on them: the units in which features are published."""
        found = np.empty((len(self.user), len(inputs)), np.float64)
        for at, one in enumerate(inputs):
            found[:, at] = self.inputs[one.stored]
        return found

    def whole(self, inputs: Sequence[SetInput]) -> Ints:
        """Rows as the engine's own evaluator compares them."""
        found = np.empty((len(self.user), len(inputs)), np.int64)
        for at, one in enumerate(inputs):
            column = self.inputs[one.stored]
            found[:, at] = compared(column) if one.type == "float" else column
        return found


def load(path: Path) -> TrainingSet:
    """The set in a file, by the manifest beside it.

    Raises `UserError` for what can't be read, isn't what the manifest says, or holds anything that
    comes from the future.
    """
    manifest = manifests.read(path)
    table = _table(path, manifest)
    own = {name: table[name] for name in OWN}
    verdicts: list[str | None] = own["verdict"].to_pylist()
    promised = Promised(
        own["event_id"].to_pylist(),
        own["user_id"].to_pylist(),
        own["event_time"].to_numpy(),
        verdicts,
        own["known_at"].fill_null(NOT_KNOWN).to_numpy(),
        [tuple(Known(**one) for one in told) for told in own["earlier"].to_pylist()],
    )
    try:
        keep(promised, manifest.terms)
    except UserError as error:
        raise UserError(f"{path}: {error}: the file was changed: build the set again") from None
    inputs = {one.stored: table[one.stored].to_numpy() for one in manifest.inputs}
    for name, column in inputs.items():
        if column.dtype == np.float64 and not np.isfinite(column).all():
            raise UserError(f"{path}: {name}: not every value is a number: build the set again")
    weight = own["weight"].to_numpy()
    if not (np.isfinite(weight) & (weight >= 0)).all():
        raise UserError(f"{path}: weight: not every value is a weight: build the set again")
    _, users = np.unique(np.array(promised.user_id, str), return_inverse=True)
    texts = ("currency", "country", "channel", "source", "decision")
    found = TrainingSet(
        path,
        manifest,
        promised.event_time,
        users.astype(np.int64),
        np.array([one == "fraud" for one in verdicts], np.int64),
        promised.known_at,
        _objects(promised.earlier),
        inputs["amount"],
        own["score"].to_numpy(),
        weight,
        {name: np.array(own[name].to_pylist(), str) for name in texts},
        inputs,
    )
    return found if weight.all() else found.where(weight > 0)


def _objects(found: Sequence[object]) -> npt.NDArray[Any]:
    """An array of one dimension, whatever lengths its elements have."""
    objects = np.empty(len(found), object)
    objects[:] = list(found)
    return objects


def _table(path: Path, manifest: Manifest) -> Any:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise UserError(f"{path}: no such file: `risk model build-set` writes one") from None
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}") from None
    if sha256(data) != manifest.sha256:
        raise UserError(
            f"{path}: its SHA-256 is not the one in {manifests.beside(path).name}: it was changed, "
            "or not written to its end: build the set again"
        )
    try:
        # Threads that are still there when the program ends in an error would abort it.
        table = pq.read_table(pa.BufferReader(data), use_threads=False)
    except (pa.ArrowException, OSError) as error:
        line = (str(error).splitlines() or [type(error).__name__])[0]
        raise UserError(f"{path}: no Parquet: {line}: build the set again") from None
    for one in manifest.inputs:
        if not one.feature and one.field not in FIELDS:
            raise UserError(
                f"{manifests.beside(path)}: {one.field or 'an input'} is nothing that a model may "
                "look at: build the set again"
            )
    wanted = schema(manifest.inputs)
    for field in wanted:
        if field.name not in table.column_names:
            raise UserError(f"{path}: it has no column {field.name}: build the set again")
        column = table[field.name]
        if column.type != field.type:
            wrong = f"{field.name} is {column.type}, not {field.type}"
            raise UserError(f"{path}: {wrong}: build the set again")
        if column.null_count and not field.nullable:
            raise UserError(f"{path}: {field.name} is missing in a row: build the set again")
    counts = manifest.counts
    if not any(one.field == "amount" for one in manifest.inputs):
        raise UserError(f"{manifests.beside(path)}: no input is the amount: build the set again")
    frauds = table["verdict"].to_pylist().count("fraud")
    if not (len(table) == counts.rows > 0 and frauds == counts.fraud):
        raise UserError(f"{path}: it hasn't the rows that its manifest says: build the set again")
    return table
