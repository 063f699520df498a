"""What is in risk.dlq. Pure: it is given the topic's records."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from confluent_kafka import Message

from risk.ops.dead_letters.letter import Letter, Position, letter, resent


class Choice(msgspec.Struct, frozen=True):
    """Which dead letters: of one of the reasons and stages, if any are named, and of a time.

    Times are when they came to risk.dlq, in ms UTC: from `since` on, and before `until`. A stage
    may be the beginning of one: `deliver` is that of every store.
    """

    reasons: frozenset[str] = frozenset()
    stages: frozenset[str] = frozenset()
    since: int | None = None
    until: int | None = None

    def has(self, one: Letter) -> bool:
        """Whether it is one of them."""
        stages = {one.stage, one.stage.partition(".")[0]}
        return (
            (not self.reasons or one.reason in self.reasons)
            and (not self.stages or bool(self.stages & stages))
            and (self.since is None or one.time >= self.since)
            and (self.until is None or one.time < self.until)
        )


class Group(msgspec.Struct):
    """The letters of one reason, stage and topic; `resent` of their records were sent again.

    `letters` counts records, each once: a restart may have written a letter twice, and each of the
    stores refuses a score by a letter of its own. `first` and `last` are in ms UTC.
    """

    reason: str
    stage: str
    topic: str
    letters: int = 0
    resent: int = 0
    first: int = 0
    last: int = 0


class Survey(msgspec.Struct):
    """The groups, the largest first, and the newest letters of all, the newest first."""

    letters: int
    groups: list[Group]
    newest: list[Letter]


class Chosen:
    """The dead letters of a choice by the record that they are of, and which were sent again.

    A letter that doesn't say what it is of stands for itself.
    """

    def __init__(self, records: Iterable[Message], choice: Choice) -> None:
        self.letters: dict[Position, list[Letter]] = {}
        self.resent: set[Position] = set()
        for record in records:
            if source := resent(record):
                self.resent.add(source)
            elif (one := letter(record)) and choice.has(one):
                self.letters.setdefault(one.source or one.position, []).append(one)


def survey(records: Iterable[Message], choice: Choice, newest: int) -> Survey:
    """What is in the topic, with the `newest` so many letters."""
    chosen = Chosen(records, choice)
    groups: dict[tuple[str, str, str], Group] = {}
    singles: list[Letter] = []
    for source, letters in chosen.letters.items():
        by_stage = {(one.reason, one.stage): one for one in letters}
        for (reason, stage), one in by_stage.items():
            topic = one.source.topic if one.source else ""
            group = groups.setdefault(
                (reason, stage, topic), Group(reason, stage, topic, first=one.time, last=one.time)
            )
            group.letters += 1
            group.resent += source in chosen.resent
            group.first = min(group.first, one.time)
            group.last = max(group.last, one.time)
            singles.append(one)
    singles.sort(key=lambda one: (one.time, one.position), reverse=True)
    found = sorted(groups.values(), key=lambda g: (-g.letters, g.reason, g.stage, g.topic))
    return Survey(len(singles), found, singles[:newest])
