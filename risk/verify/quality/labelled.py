"""Rulesets on labelled payments, as they would have decided then."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np

from generator.partition import partition
from risk.config.settings import Scoring
from risk.config.types import DAY_MS
from risk.engine.feedback import Logged, build
from risk.engine.models.inputs import FIELDS
from risk.engine.rules import Ruleset
from risk.engine.scoring import score
from risk.engine.stages.base import Raw
from risk.engine.stages.emission import Scorable
from risk.verify.quality.curves import Figures, Scored, figures, mean
from risk.verify.quality.offline import Record, scorables
from risk.verify.quality.protocol import UNKNOWN, Protocol

PARTITIONS = 4


class Label(NamedTuple):
    """Whether a payment was fraud, and from when on that was known; ms UTC."""

    fraud: bool
    known_at: int


class Payment(NamedTuple):
    """A record of risk.transactions, and its label if it has one. `event_time` is in ms UTC."""

    event_id: str
    user_id: str
    event_time: int
    value: bytes
    label: Label | None


class Judged(msgspec.Struct, frozen=True):
    """What a ruleset makes of a file: the mean of the test weeks, and each by its training day."""

    ruleset: str
    version: int
    rules: Figures
    weeks: dict[int, Figures]


class Days(NamedTuple):
    """Which days of a file are read, both included. They count from the first payment's."""

    first: int
    last: int

    @staticmethod
    def of(protocol: Protocol, history: int) -> Days:
        """Those that a protocol needs, with so many before the first training period."""
        return Days(min(protocol.starts) - history, protocol.last_day)


class Columns:
    """What is known of the payments, by column, and what each ruleset makes of them.

    `inputs` are names of features and fields of the first ruleset, whose values are kept too: they
    are what a model looks at.
    """

    def __init__(self, rulesets: Sequence[Ruleset], inputs: Sequence[str] = ()) -> None:
        self.rulesets, self.inputs = rulesets, inputs
        self._at: dict[tuple[str, str, int], int] = {}  # the number of a payment
        self._scores = [array("q") for _ in rulesets]
        self._values = array("d")
        self._fraud, self._user, self._day = array("b"), array("q"), array("q")
        self._users: dict[str, int] = {}

    def taken(self, payments: Iterable[Payment], days: Days) -> Iterator[Payment]:
        """Those of these days, each noted as it goes by."""
        begin = -1
        nothing = array("d", [0.0] * len(self.inputs))
        for one in payments:
            day = one.event_time // DAY_MS
            begin = day if begin < 0 else begin
            if day - begin > days.last:
                return
            if day - begin < days.first:
                continue
            self._at[one.user_id, one.event_id, one.event_time] = len(self._day)
            self._fraud.append(UNKNOWN if one.label is None else one.label.fraud)
            self._user.append(self._users.setdefault(one.user_id, len(self._users)))
            self._day.append(day - begin)
            for scores in self._scores:
                scores.append(0)
            self._values.extend(nothing)
            yield one

    def note(self, one: Scorable) -> None:
        """What is known of a payment now: the last word counts."""
        txn, width = one.txn, len(self.inputs)
        at = self._at[txn.user_id, txn.event_id, txn.event_time]
        for ruleset, scores in zip(self.rulesets, self._scores, strict=True):
            own = ruleset.own(one.features)
            scores[at] = score(ruleset, own, txn, one.late).score
        if width:
            own = self.rulesets[0].own(one.features)
            row: list[Any] = [
                FIELDS[name].read(txn) if name in FIELDS else getattr(own, name)
                for name in self.inputs
            ]
            self._values[at * width : at * width + width] = array("d", row)

    def scored(self, ruleset: int) -> Scored:
        """All, under a ruleset."""
        columns = (self._scores[ruleset], self._fraud, self._user, self._day)
        return Scored(*(np.array(column, np.int64) for column in columns))

    def rows(self) -> Any:
        """The values of the inputs: a row a payment, a column an input."""
        return np.array(self._values).reshape(-1, len(self.inputs))


def run(
    columns: Columns,
    payments: Iterable[Payment],
    scoring: Scoring,
    days: Days,
    say: Callable[[int], None] = lambda done: None,
) -> None:
    """Score payments, which come by event time. `say` is told now and then how many are done."""
    records = _records(columns.taken(payments, days))
    for one in scorables(columns.rulesets, records, PARTITIONS, scoring, say):
        columns.note(one)


def judge(columns: Columns, protocol: Protocol) -> list[Judged]:
    """What the rulesets' own scores are worth in the test weeks.

    Raises `ValueError` for a week without frauds, or without honest payments.
    """
    found = []
    for number, ruleset in enumerate(columns.rulesets):
        scored, weeks = columns.scored(number), {}
        for start in protocol.starts:
            weeks[start] = week(scored.where(protocol.judged(scored, start)), start)
        found.append(Judged(ruleset.name, ruleset.version, mean(weeks), weeks))
    return found


def week(found: Scored, start: int) -> Figures:
    """The figures of the test days of one start. Raises `ValueError`."""
    try:
        return figures(found)
    except ValueError as error:
        raise ValueError(f"--starts {start}: {error} in its test days") from None


def _records(payments: Iterable[Payment]) -> Iterator[Record]:
    """As Kafka would hold them, each with its verdict."""
    offsets = [0] * PARTITIONS
    for number, one in enumerate(payments):
        key = one.user_id.encode()
        where = partition(key, PARTITIONS)
        verdict = _verdict(one, one.label, number) if one.label else None
        yield Record(Raw(where, offsets[where], one.event_time, key, one.value), verdict)
        offsets[where] += 1


def _verdict(one: Payment, label: Label, number: int) -> Logged:
    payment = (one.event_id, one.user_id, one.event_time)
    verdict = "fraud" if label.fraud else "legitimate"
    said = build(payment, verdict, "import", label.known_at, "import")
    return Logged(said, one.event_time, 0, number)
