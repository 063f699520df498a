"""Labels of a batch's rows: the verdict, when it was known, who says so and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from risk.engine.feedback import VERDICTS, Verdict
from risk.ops.imports.batch import Batch
from risk.ops.imports.cells import MISSING, Wrong
from risk.ops.imports.columns import Faults, column_of
from risk.ops.imports.mapping import KnownAt, Labels
from risk.ops.imports.times import shown

BY: Final = "import"  # says so, unless the map names another


class Label(NamedTuple):
    """What became of a payment; `known_at` in ms UTC. Its words are as feedback has them."""

    verdict: Verdict
    known_at: int
    by: str = BY
    note: str = ""


def labels_of(
    labels: Labels, batch: Batch, times: Sequence[Any], faults: Faults
) -> list[Label | None]:
    """The label of each row that has one. `times` are the payments'."""
    known, after = labels.known_at.field, labels.known_at.after_ms
    verdicts = column_of(labels.field, batch, faults)
    if known is None and after is not None and MISSING not in times:
        return [
            Label(verdict, time + after) if verdict and verdict is not MISSING else None
            for verdict, time in zip(verdicts, times, strict=True)
        ]
    known_ats = column_of(known, batch, faults) if known else [MISSING] * batch.size
    found: list[Label | None] = []
    for at, (verdict, told, time) in enumerate(zip(verdicts, known_ats, times, strict=True)):
        label = None
        if verdict in VERDICTS and time is not MISSING:
            try:
                label = Label(verdict, _known_at(labels.known_at, told, time))
            except Wrong as wrong:
                column = (known.column if known else None) or ""
                faults.setdefault(at, (column, f"known_at: {wrong}"))
        found.append(label)
    return found


def with_words(
    labels: Labels, batch: Batch, found: list[Label | None], faults: Faults
) -> list[Label | None]:
    """The labels with who says so and why."""
    for field in labels.words:
        alike = field.column is None
        words = [field.constant] * batch.size if alike else column_of(field, batch, faults)
        found = [
            label._replace(**{field.name: word}) if label and word is not MISSING else label
            for label, word in zip(found, words, strict=True)
        ]
    return found


def _known_at(known: KnownAt, told: Any, time: int) -> int:
    if told is MISSING:
        if known.after_ms is None:
            raise Wrong("empty: 'after: 7d' beside its column says when these were known")
        return time + known.after_ms
    if told < time:
        raise Wrong(f"{shown(told)} is before the payment: is its 'time' right?")
    return int(told)
