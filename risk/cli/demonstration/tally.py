"""Counts what becomes of the events of one run, as it is read from the topics."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import msgspec

from risk.engine.decoding import decoder
from risk.engine.messages import Decision, Label, Late

Position = tuple[int, int]  # partition, offset
EventKey = tuple[str, str, int]  # event_id, user_id, event_time
ERRORS = "__connect.errors."


class Identity(msgspec.Struct, frozen=True, gc=False):
    """Which event a record is of."""

    event_id: str
    user_id: str
    event_time: int

    @property
    def payment(self) -> EventKey:
        """The same as a key."""
        return self.event_id, self.user_id, self.event_time


class Scored(msgspec.Struct, gc=False):
    """What is counted of a score."""

    event_id: str
    user_id: str
    event_time: int
    ruleset: str
    ruleset_version: int
    revision: int
    decision: Decision
    score: int
    late: bool = False


class Emitted(msgspec.Struct, gc=False):
    """The latest word on an event; `first_ms` is when the first one was appended."""

    first_ms: int
    revision: int
    decision: Decision
    score: int


class Event(msgspec.Struct, gc=False):
    """All records of one event_id and user that are neither late nor rejected."""

    appended_ms: int = 0  # the first one
    records: int = 0
    scores: int = 0
    earlier: bool = False  # a record of it came before the run
    late: bool = False  # a record of it was: more of them are its duplicates

    def counts(self) -> tuple[int, int, int]:
        """How many of its records are scored, are duplicates, and wait for an outcome."""
        scored = min(self.scores, self.records)
        left = self.records - scored
        known = self.scores or self.earlier or self.late
        return (scored, left, 0) if known else (0, 0, left)


class Counts(NamedTuple):
    """The run's records by outcome. `waiting` have none yet; each record is in exactly one."""

    events: int
    scored: int
    duplicate: int
    late: int
    rejected: int
    waiting: int


class Tally:
    """One run: the records from the offsets `begin` on (by partition), under one ruleset.

    The topics may be read in any order among one another. What is emitted twice counts once. Where
    a run has an `end`, what becomes of its payments afterwards still counts, and no more payments.
    """

    def __init__(self, ruleset: tuple[str, int], begin: Mapping[int, int]) -> None:
        self._ruleset, self._begin = ruleset, begin
        self.end: Mapping[int, int] = {}  # by partition, once the run has one: without
        self._events: defaultdict[tuple[str, str], Event] = defaultdict(Event)
        self._records: dict[Position, tuple[str, str] | None] = {}
        self._late: dict[Position, Identity] = {}
        self._rejected: set[Position] = set()
        self._emitted: dict[EventKey, Emitted] = {}
        self._late_decisions: set[EventKey] = set()
        self._sums = [0, 0, 0]
        self.labels: dict[tuple[str, str], Label] = {}
        self.decisions: Counter[str] = Counter()
        self.newest: tuple[Identity, int] | None = None  # the last first record, and its append
        self.last_score_ms = 0
        self._identity = decoder(Identity)
        self._score = decoder(Scored)
        self._label = decoder(Label)
        self._decode_late = decoder(Late)

    def transaction(self, position: Position, append_ms: int, value: bytes | None) -> None:
        """A record of risk.transactions; one from before the run is only remembered."""
        try:
            identity = self._identity(value or b"")
        except msgspec.MsgspecError:
            identity = None
        key = (identity.event_id, identity.user_id) if identity else None
        if self.end and position[1] >= self.end.get(position[0], 0):
            return
        if position[1] < self._begin.get(position[0], 0):
            if key:
                self._events[key].earlier = True
            return
        self._records[position] = key
        if key and position not in self._late and position not in self._rejected:
            event = self._events[key]
            if not event.records:
                event.appended_ms = append_ms
                if identity and not event.earlier:
                    self.newest = identity, append_ms
            self._change(event, records=1)

    def score(self, append_ms: int, value: bytes | None) -> None:
        """A record of risk.scores. Those under other rulesets are left out."""
        score = self._score(value or b"")
        if (score.ruleset, score.ruleset_version) != self._ruleset:
            return
        self.last_score_ms = append_ms
        key = score.event_id, score.user_id, score.event_time
        if score.late:
            self._late_decisions.add(key)
            return
        emitted = self._emitted.get(key)
        if emitted is None:
            self._emitted[key] = Emitted(append_ms, score.revision, score.decision, score.score)
            self._change(self._events[key[:2]], scores=1)
            self.decisions[score.decision] += 1
            return
        emitted.first_ms = min(emitted.first_ms, append_ms)
        if score.revision > emitted.revision:
            self.decisions[emitted.decision] -= 1
            self.decisions[score.decision] += 1
            emitted.revision, emitted.decision = score.revision, score.decision
            emitted.score = score.score

    def cut(self, end: Mapping[int, int]) -> None:
        """From these offsets on, by partition, no payment is of the run, not even one counted."""
        self.end = end
        for position in [one for one in self._records if one[1] >= end.get(one[0], 0)]:
            self._take_out(position)
            del self._records[position]

    def late(self, value: bytes | None) -> None:
        """A record of risk.late."""
        late = self._decode_late(value or b"")
        position = late.partition, late.offset
        if position not in self._late:
            self._change(self._events[late.event_id, late.user_id], late=True)
            self._take_out(position)
            self._late[position] = Identity(late.event_id, late.user_id, late.event_time)

    def dead_letter(self, topic: str, headers: Mapping[str, bytes | None]) -> None:
        """A record of risk.dlq, of which those that come from `topic` count."""
        if headers.get(ERRORS + "topic") != topic.encode():
            return
        partition, offset = headers[ERRORS + "partition"], headers[ERRORS + "offset"]
        position = int(partition or b""), int(offset or b"")
        if position not in self._rejected:
            self._take_out(position)
            self._rejected.add(position)

    def label(self, value: bytes | None) -> None:
        """A record of risk.labels."""
        label = self._label(value or b"")
        self.labels[label.event_id, label.user_id] = label

    def counts(self) -> Counts:
        """The records read so far by outcome."""
        scored, duplicate, waiting = self._sums
        late = sum(position in self._records for position in self._late)
        rejected = sum(position in self._records for position in self._rejected)
        others = len(self._records) - scored - duplicate - waiting - late - rejected
        return Counts(len(self._records), scored, duplicate, late, rejected, waiting + others)

    def settled(self) -> Iterator[tuple[EventKey, int, Emitted]]:
        """Each scored event of the run, when its record was appended, and its last emission."""
        for key, emitted in self._emitted.items():
            event = self._events[key[:2]]
            if event.records:
                yield key, event.appended_ms, emitted

    def gone(self, event: Identity) -> bool:
        """Whether a record of the run turned out to be late or rejected."""
        return not self._events[event.event_id, event.user_id].records

    def late_ids(self) -> set[str]:
        """The event ids of the run's late records."""
        return {late.event_id for position, late in self._late.items() if position in self._records}

    def undecided(self) -> int:
        """How many of the run's late payments have no decision."""
        late = {late for position, late in self._late.items() if position in self._records}
        decided = self._late_decisions
        return sum((x.event_id, x.user_id, x.event_time) not in decided for x in late)

    def _take_out(self, position: Position) -> None:
        """Count a record with its event no longer, if it was."""
        key = self._records.get(position)
        if key and position not in self._late and position not in self._rejected:
            self._change(self._events[key], records=-1)

    def _change(self, event: Event, records: int = 0, scores: int = 0, late: bool = False) -> None:
        before = event.counts()
        event.records += records
        event.scores += scores
        event.late |= late
        for n, (old, new) in enumerate(zip(before, event.counts(), strict=True)):
            self._sums[n] += new - old
