"""All that the stores know about the payments under one event_id, put together."""

from __future__ import annotations

from typing import Any

import msgspec

from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from risk.engine.feedback import Logged, Source, Verdict, current_verdict
from sinks import registry
from sinks.found import Found, Scored
from sinks.store import Finds, LooksUp, Recalls


class Said(msgspec.Struct):
    """Feedback on a payment; of all that was said, one `counts`. Times in ms UTC."""

    verdict: Verdict
    source: Source
    known_at: int
    by: str
    note: str
    sent_at: int
    counts: bool = False


class Payment(msgspec.Struct):
    """One payment, with its decision under each version of a ruleset.

    `late` says that it was decided on what it says itself; `late_by` in ms, and behind what (its
    partition, the frontier or a limit), once the archive knows. `feedback` is in the order in which
    it came; there may be some before there is a score.
    """

    user_id: str
    event_time: int
    scores: list[Scored] = msgspec.field(default_factory=list)
    transaction: dict[str, Any] | None = None
    late: bool = False
    late_by: int | None = None
    behind: str | None = None
    feedback: list[Said] = msgspec.field(default_factory=list)


class Record(msgspec.Struct):
    """The payments under an event_id: mostly one, but two users may give the same id.

    `stored` says of each store what it holds, or why it can't be asked.
    """

    event_id: str
    payments: list[Payment] = msgspec.field(default_factory=list)
    stored: dict[str, str] = msgspec.field(default_factory=dict)

    @property
    def found(self) -> bool:
        """Whether any store knows of it."""
        return bool(self.payments)


def record(settings: Settings, event_id: str, user_id: str | None = None) -> Record:
    """What the stores hold of it, of all users or of one; one that is away is left out.

    Then `stored` says why.
    """
    known = _Known(event_id)
    stores = {name: registry.load(name) for name in sorted(registry.names())}
    for name, store in stores.items():
        if isinstance(store, Finds):
            try:
                known.take(name, store.find(settings, event_id, user_id))
            except Unavailable as error:
                known.record.stored[name] = str(error)
    # After those that find a payment by its event_id: then it is known which there are.
    for name, store in stores.items():
        if isinstance(store, LooksUp):
            try:
                known.take(name, store.look_up(settings, event_id, user_id, list(known.payments)))
            except Unavailable as error:
                known.record.stored[name] = str(error)
    for delivery in registry.deliveries():
        if isinstance(told := delivery.load(), Recalls):
            try:
                known.hear(delivery.name, told.history(settings, event_id, user_id))
            except Unavailable as error:
                known.record.stored[delivery.name] = str(error)
    return known.whole()


class _Known:
    """What is known so far."""

    def __init__(self, event_id: str) -> None:
        self.record = Record(event_id)
        self.payments: dict[tuple[str, int], Payment] = {}

    def take(self, store: str, found: Found) -> None:
        """What a store has answered."""
        self.record.stored[store] = ", ".join(found.where) or "no"
        for score in found.scores:
            self._add(score, store)
        for kept in found.archived:
            one = self._payment(kept.user_id, kept.event_time)
            one.transaction = kept.transaction
            one.late = one.late or kept.late
            if kept.late_by is not None:
                one.late_by, one.behind = kept.late_by, kept.behind
        for held in found.held:
            for score in self._payment(held.user_id, held.event_time).scores:
                if f"{score.ruleset}:{score.ruleset_version}" == held.tag:
                    score.stored[store] = held.revision

    def hear(self, name: str, told: list[Logged]) -> None:
        """What was said of the payments."""
        self.record.stored[name] = f"{len(told):,} verdicts" if told else "no"
        payments: dict[tuple[str, int], list[Logged]] = {}
        for one in told:
            said = one.feedback
            payments.setdefault((said.user_id, said.event_time), []).append(one)
        for payment, history in payments.items():
            counts = current_verdict(history)
            self._payment(*payment).feedback = [_said(one, one == counts) for one in history]

    def whole(self) -> Record:
        """All of it, in order."""
        for one in self.payments.values():
            one.scores.sort(key=lambda s: (s.kind != "live", s.ruleset, s.ruleset_version))
            one.late = one.late or any(score.late for score in one.scores)
        self.record.payments = [self.payments[key] for key in sorted(self.payments)]
        return self.record

    def _payment(self, user_id: str, event_time: int) -> Payment:
        return self.payments.setdefault((user_id, event_time), Payment(user_id, event_time))

    def _add(self, one: Scored, store: str) -> None:
        """A store's score: the newest counts, and each store's own revision is told."""
        scores = self._payment(one.user_id, one.event_time).scores
        key = one.ruleset, one.ruleset_version
        known = next((s for s in scores if (s.ruleset, s.ruleset_version) == key), None)
        if known is None:
            scores.append(one)
        else:
            one.stored = known.stored
            if (not one.late, one.revision) > (not known.late, known.revision):
                scores[scores.index(known)] = one
        one.stored[store] = one.revision


def _said(one: Logged, counts: bool) -> Said:
    said = one.feedback
    return Said(
        said.verdict, said.source, said.known_at, said.by, said.note, one.append_time, counts
    )
