"""Rulesets on labelled payments, as they would have decided then: by the engine's stages alone."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

import msgspec
import numpy as np

from generator.partition import partition
from risk.config.settings import Scoring
from risk.engine.features.feature_set import FeatureSet
from risk.engine.feedback import Logged, build
from risk.engine.models.inputs import FIELDS
from risk.engine.rules import Ruleset
from risk.engine.scoring import score
from risk.engine.stages.base import FLUSH, MemoryStore, Raw
from risk.engine.stages.emission import Scorable
from risk.engine.stages.fused import Fused
from risk.engine.stages.reading import Idle, Reading
from risk.verify.quality.curves import Figures, Scored, figures, mean
from risk.verify.quality.protocol import Protocol

BATCH = 100
TOLD = 20_000  # payments between two words about progress
PARTITIONS = 4
DAY_MS = 86_400_000


class Labelled(NamedTuple):
    """A payment: a record of risk.transactions, and whether it was fraud, known from when on.

    Times in ms UTC.
    """

    event_id: str
    user_id: str
    event_time: int
    value: bytes
    fraud: bool
    known_at: int


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

    `inputs` are names of features and fields of a ruleset, whose values are kept too: they are what
    a model looks at.
    """

    def __init__(self, rulesets: Sequence[Ruleset], inputs: Sequence[str] = ()) -> None:
        self.rulesets, self.inputs = rulesets, inputs
        self._at: dict[str, int] = {}  # the number of a payment, by event_id
        self._scores = [array("q") for _ in rulesets]
        self._values = [array("d") for _ in rulesets]
        self._fraud, self._user, self._day = array("b"), array("q"), array("q")
        self._users: dict[str, int] = {}

    def taken(self, payments: Iterable[Labelled], days: Days) -> Iterator[Labelled]:
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
            self._at[one.event_id] = len(self._day)
            self._fraud.append(one.fraud)
            self._user.append(self._users.setdefault(one.user_id, len(self._users)))
            self._day.append(day - begin)
            for scores, values in zip(self._scores, self._values, strict=True):
                scores.append(0)
                values.extend(nothing)
            yield one

    def note(self, one: Scorable) -> None:
        """What is known of a payment now: the last word counts."""
        at, width = self._at[one.txn.event_id], len(self.inputs)
        columns = zip(self.rulesets, self._scores, self._values, strict=True)
        for ruleset, scores, values in columns:
            own = ruleset.own(one.features)
            scores[at] = score(ruleset, own, one.txn, one.late).score
            if width:
                row: list[Any] = [
                    FIELDS[name].read(one.txn) if name in FIELDS else getattr(own, name)
                    for name in self.inputs
                ]
                values[at * width : at * width + width] = array("d", row)

    def scored(self, ruleset: int) -> Scored:
        """All, under a ruleset."""
        columns = (self._scores[ruleset], self._fraud, self._user, self._day)
        return Scored(*(np.array(column, np.int64) for column in columns))

    def rows(self, ruleset: int) -> Any:
        """The values of the inputs: a row a payment, a column an input."""
        return np.array(self._values[ruleset]).reshape(-1, len(self.inputs))


def run(
    columns: Columns,
    payments: Iterable[Labelled],
    scoring: Scoring,
    days: Days,
    say: Callable[[int], None] = lambda done: None,
) -> None:
    """Score payments, which come by event time. `say` is told now and then how many are done."""
    partitions = dict.fromkeys(range(PARTITIONS), 0)
    reading, features = Reading.of(partitions, scoring), FeatureSet.of(columns.rulesets)
    stages = Fused(lambda _: MemoryStore(), reading, features=features)
    source = columns.taken(payments, days)
    done, offsets = 0, [0] * PARTITIONS
    while batch := list(islice(source, BATCH)):
        if stages.feedback.wanted:
            stages.feedback.take(_log(batch, done), FLUSH)
        for one in stages.on_batch(list(_raws(batch, offsets))).scorables:
            columns.note(one)
        done += len(batch)
        if done % TOLD < BATCH:
            say(done)
    for one in stages.on_idle(Idle(frozenset(partitions), None, FLUSH)).scorables:
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


def _log(batch: Sequence[Labelled], done: int) -> Iterator[Logged]:
    for number, one in enumerate(batch, done):
        payment = (one.event_id, one.user_id, one.event_time)
        verdict = "fraud" if one.fraud else "legitimate"
        said = build(payment, verdict, "import", one.known_at, "import")
        yield Logged(said, one.event_time, 0, number)


def _raws(batch: Sequence[Labelled], offsets: list[int]) -> Iterator[Raw]:
    for one in batch:
        key = one.user_id.encode()
        where = partition(key, PARTITIONS)
        yield Raw(where, offsets[where], one.event_time, key, one.value)
        offsets[where] += 1
