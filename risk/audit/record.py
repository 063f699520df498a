"""All that the stores know about the payments under one event_id, put together."""

from __future__ import annotations

from typing import Any

import msgspec

from risk.audit.document import TRANSACTION, Scored, scored, transaction
from risk.audit.query import TEXTS
from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from sinks.elasticsearch.search import search
from sinks.postgres import event as postgres
from sinks.redis import event as redis

MOST_SCORES = 1_000


class Payment(msgspec.Struct):
    """One payment, with its decision under each version of a ruleset.

    `late` says that it was decided on what it says itself; `late_by` in ms, and behind what (its
    partition or the frontier), once the archive knows.
    """

    user_id: str
    event_time: int
    scores: list[Scored] = msgspec.field(default_factory=list)
    transaction: dict[str, Any] | None = None
    late: bool = False
    late_by: int | None = None
    behind: str | None = None


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
    found = _Found(event_id, user_id)
    for store, ask in _STORES.items():
        try:
            found.record.stored[store] = ", ".join(ask(settings, found)) or "no"
        except Unavailable as error:
            found.record.stored[store] = str(error)
    return found.whole()


class _Found:
    """What is known so far."""

    def __init__(self, event_id: str, user_id: str | None) -> None:
        self.record, self.event_id, self.user_id = Record(event_id), event_id, user_id
        self.payments: dict[tuple[str, int], Payment] = {}

    def payment(self, user_id: str, event_time: int) -> Payment:
        return self.payments.setdefault((user_id, event_time), Payment(user_id, event_time))

    def add(self, one: Scored, store: str) -> None:
        """A store's score: the newest counts, and each store's own revision is told."""
        scores = self.payment(one.user_id, one.event_time).scores
        key = one.ruleset, one.ruleset_version
        known = next((s for s in scores if (s.ruleset, s.ruleset_version) == key), None)
        if known is None:
            scores.append(one)
        else:
            one.stored = known.stored
            if (not one.late, one.revision) > (not known.late, known.revision):
                scores[scores.index(known)] = one
        one.stored[store] = one.revision

    def whole(self) -> Record:
        for one in self.payments.values():
            one.scores.sort(key=lambda s: (s.kind != "live", s.ruleset, s.ruleset_version))
            one.late = one.late or any(score.late for score in one.scores)
        self.record.payments = [self.payments[key] for key in sorted(self.payments)]
        return self.record


def _elasticsearch(settings: Settings, found: _Found) -> list[str]:
    terms = [{"term": {TEXTS["event"]: found.event_id}}]
    if found.user_id is not None:
        terms.append({"term": {TEXTS["user"]: found.user_id}})
    _, hits = search(settings, {"bool": {"filter": terms}}, MOST_SCORES)
    for hit in hits:
        one = scored(hit.source)
        found.add(one, "elasticsearch")
        found.payment(one.user_id, one.event_time).transaction = transaction(hit.source)
    return [f"{hit.where}/{hit.id}" for hit in hits]


def _postgres(settings: Settings, found: _Found) -> list[str]:
    rows, archived = postgres.find(settings, found.event_id, found.user_id)
    for row in rows:
        found.add(msgspec.convert(row, Scored), "postgres")
    for row in archived:
        one = found.payment(row["user_id"], row["event_time"])
        one.transaction = {name: row[name] for name in TRANSACTION}
        one.late = row["outcome"] == "late"
        one.late_by, one.behind = row["late_by"], row["behind"]
    return (["risk_scores"] if rows else []) + (["transactions"] if archived else [])


def _redis(settings: Settings, found: _Found) -> list[str]:
    held = redis.find(settings, found.event_id, found.user_id, list(found.payments))
    for one, _ in held:
        name, _, version = one.ruleset.rpartition(":")
        for score in found.payment(one.user_id, one.event_time).scores:
            if (score.ruleset, str(score.ruleset_version)) == (name, version):
                score.stored["redis"] = one.revision
    return [f"under {one.ruleset}, for {seconds:,} s more" for one, seconds in held]


_STORES = {"elasticsearch": _elasticsearch, "postgres": _postgres, "redis": _redis}
