"""Rulesets on labelled payments, as they would have decided then: by the engine's stages alone."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

import msgspec
import numpy as np

from generator.partition import partition
from risk.config.settings import Scoring
from risk.engine.features.feature_set import FeatureSet
from risk.engine.feedback import Logged, build
from risk.engine.rules import Ruleset
from risk.engine.scoring import score
from risk.engine.stages.base import FLUSH, MemoryStore, Raw
from risk.engine.stages.fused import Fused, Result
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


def judge(
    rulesets: Sequence[Ruleset],
    payments: Iterable[Labelled],
    scoring: Scoring,
    protocol: Protocol,
    history_days: int,
    say: Callable[[int], None] = lambda done: None,
) -> list[Judged]:
    """Score payments, which come by event time, under each ruleset, and judge the test weeks.

    Before the first training period so many days are read for the features' sake. `say` is told now
    and then how many payments are done. Raises `ValueError` for a week without frauds, or without
    payments.
    """
    columns = _Columns(len(rulesets))
    partitions = dict.fromkeys(range(PARTITIONS), 0)
    stages = Fused(
        lambda _: MemoryStore(),
        Reading.of(partitions, scoring),
        features=FeatureSet.of(rulesets),
    )

    def note(result: Result) -> None:
        for one in result.scorables:
            at = columns.at[one.txn.event_id]
            for ruleset, found in zip(rulesets, columns.scores, strict=True):
                outcome = score(ruleset, ruleset.own(one.features), one.txn, one.late)
                found[at] = outcome.score

    source = columns.taken(payments, min(protocol.starts) - history_days, protocol.last_day)
    done, offsets = 0, [0] * PARTITIONS
    while batch := list(islice(source, BATCH)):
        if stages.feedback.wanted:
            stages.feedback.hear(_log(batch, done), FLUSH)
        note(stages.on_batch(list(_raws(batch, offsets))))
        done += len(batch)
        if done % TOLD < BATCH:
            say(done)
    note(stages.on_idle(Idle(frozenset(partitions), None, FLUSH)))
    return [
        _judged(ruleset, columns.scored(number), protocol)
        for number, ruleset in enumerate(rulesets)
    ]


class _Columns:
    """What is known of the payments, by column."""

    def __init__(self, rulesets: int) -> None:
        self.at: dict[str, int] = {}  # the number of a payment, by event_id
        self.scores = [array("q") for _ in range(rulesets)]
        self._fraud, self._user, self._day = array("b"), array("q"), array("q")
        self._users: dict[str, int] = {}

    def taken(
        self, payments: Iterable[Labelled], first_day: int, last_day: int
    ) -> Iterator[Labelled]:
        """Those of these days, each noted as it goes by. Days count from the first payment's."""
        begin = -1
        for one in payments:
            day = one.event_time // DAY_MS
            begin = day if begin < 0 else begin
            if day - begin > last_day:
                return
            if day - begin < first_day:
                continue
            self.at[one.event_id] = len(self._day)
            self._fraud.append(one.fraud)
            self._user.append(self._users.setdefault(one.user_id, len(self._users)))
            self._day.append(day - begin)
            for scores in self.scores:
                scores.append(0)
            yield one

    def scored(self, ruleset: int) -> Scored:
        """All, under a ruleset."""
        columns = (self.scores[ruleset], self._fraud, self._user, self._day)
        return Scored(*(np.array(column, np.int64) for column in columns))


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


def _judged(ruleset: Ruleset, found: Scored, protocol: Protocol) -> Judged:
    weeks = {}
    for start in protocol.starts:
        try:
            weeks[start] = figures(found.where(protocol.judged(found, start)))
        except ValueError as error:
            raise ValueError(f"--starts {start}: {error} in its test days") from None
    return Judged(ruleset.name, ruleset.version, mean(weeks), weeks)
