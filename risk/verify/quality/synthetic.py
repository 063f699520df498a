"""Rulesets on the generator's traffic: scored by the engine's stages alone, without any server."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from generator.attacks import HARD
from generator.config import StreamConfig
from generator.partition import partition
from generator.record import Event
from generator.stream import events, records
from risk.config.settings import Scoring
from risk.engine.decoding import decoder
from risk.engine.messages import Label
from risk.engine.rules import Ruleset
from risk.engine.scoring import score
from risk.engine.stages.base import Raw
from risk.verify.quality.budgets import Quality, Ranking
from risk.verify.quality.offline import Record, scorables


class Habit(msgspec.Struct, frozen=True):
    """Honest payments of one kind, and those of them that are REVIEW or BLOCK."""

    payments: int
    flagged: int


class Judged(msgspec.Struct, frozen=True):
    """What one ruleset makes of the stream. `habits` also has those of no habit, as "none"."""

    ruleset: str
    version: int
    quality: Quality
    habits: dict[str, Habit]


def judge(
    rulesets: Sequence[Ruleset],
    config: StreamConfig,
    scoring: Scoring,
    say: Callable[[int], None] = lambda done: None,
) -> list[Judged]:
    """Score the whole stream once under each ruleset; what is late or broken is left out.

    Decisions are the settled ones. `say` is told now and then how many records are done.
    """
    traffic = _Traffic(config)
    settled: list[dict[str, tuple[int, bool]]] = [{} for _ in rulesets]
    sent = map(Record, traffic.raws())
    for scorable in scorables(rulesets, sent, config.partitions, scoring, say):
        for ruleset, found in zip(rulesets, settled, strict=True):
            outcome = score(ruleset, ruleset.own(scorable.features), scorable.txn)
            found[scorable.txn.event_id] = outcome.score, outcome.decision != "ALLOW"
    return [
        _judged(ruleset, found, traffic) for ruleset, found in zip(rulesets, settled, strict=True)
    ]


class _Traffic:
    """A stream's records as Kafka would hold them; what is true of its events is kept."""

    def __init__(self, config: StreamConfig) -> None:
        self._config = config
        self.attacks: dict[str, str | None] = {}
        self.habits: dict[str, str] = {}

    def raws(self) -> Iterator[Raw]:
        """By key to partitions, appended when they are due."""
        config = self._config
        offsets = [0] * config.partitions
        decode = decoder(Label)
        for record in records(config, self._seen(events(config))):
            where = partition(record.key or b"", config.partitions)
            at = config.start_time + record.due_ms
            yield Raw(where, offsets[where], at, record.key, record.value)
            offsets[where] += 1
            if record.label is not None:
                label = decode(record.label)
                self.attacks[label.event_id] = label.attack

    def _seen(self, happened: Iterator[Event]) -> Iterator[Event]:
        for event in happened:
            if event.habit:
                self.habits[event.txn.event_id] = event.habit
            yield event


def _judged(ruleset: Ruleset, found: Mapping[str, tuple[int, bool]], traffic: _Traffic) -> Judged:
    ranking = Ranking()
    payments: Counter[str] = Counter()
    flagged: Counter[str] = Counter()
    for event_id, (points, odd) in found.items():
        attack = traffic.attacks[event_id]
        ranking.add(attack, points, odd)
        if attack is None:
            habit = traffic.habits.get(event_id, "none")
            payments[habit] += 1
            flagged[habit] += odd
    habits = {name: Habit(payments[name], flagged[name]) for name in sorted(payments)}
    return Judged(ruleset.name, ruleset.version, ranking.quality(HARD), habits)
