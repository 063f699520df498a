"""All that the stores know about one event, put together."""

from __future__ import annotations

from typing import Any

import msgspec

from cli.auditing.document import TRANSACTION, Scored, scored, transaction
from cli.auditing.query import TEXTS
from risk.delivery import Unavailable
from risk.settings import Settings
from sinks.elasticsearch.search import search
from sinks.postgres.event import event
from sinks.redis.event import entry

MOST_SCORES = 1_000
Scores = dict[tuple[str, int], Scored]


class Record(msgspec.Struct):
    """One event. `late_by` in ms if it was late, and so never scored.

    `stored` says of each store what it holds, or why it can't be asked.
    """

    event_id: str
    scores: list[Scored] = msgspec.field(default_factory=list)
    transaction: dict[str, Any] | None = None
    late_by: int | None = None
    stored: dict[str, str] = msgspec.field(default_factory=dict)

    @property
    def found(self) -> bool:
        """Whether any store knows of it."""
        return bool(self.scores or self.transaction)


def record(settings: Settings, event_id: str, user_id: str | None = None) -> Record:
    """What the stores hold of an event; one that is away is left out, and `stored` says why."""
    found = Record(event_id)
    scores: Scores = {}
    for store, ask in _STORES.items():
        try:
            found.stored[store] = ", ".join(ask(settings, found, scores)) or "no"
        except Unavailable as error:
            found.stored[store] = str(error)
    if user_id is not None:
        scores = {key: one for key, one in scores.items() if one.user_id == user_id}
        if found.transaction and found.transaction["user_id"] != user_id:
            found.transaction = None
    found.scores = sorted(
        scores.values(), key=lambda s: (s.kind != "live", s.ruleset, s.ruleset_version)
    )
    return found


def _elasticsearch(settings: Settings, found: Record, scores: Scores) -> list[str]:
    _, hits = search(settings, {"term": {TEXTS["event"]: found.event_id}}, MOST_SCORES)
    for hit in hits:
        _merge(scores, scored(hit.source), "elasticsearch")
        found.transaction = transaction(hit.source)
    return [f"{hit.where}/{hit.id}" for hit in hits]


def _postgres(settings: Settings, found: Record, scores: Scores) -> list[str]:
    users = {score.user_id for score in scores.values()}
    rows, archived = event(settings, found.event_id, users)
    for row in rows:
        _merge(scores, msgspec.convert({**row, "kind": None}, Scored), "postgres")
    for row in archived:
        found.transaction = {name: row[name] for name in TRANSACTION}
        found.late_by = row["late_by"] if row["outcome"] == "late" else None
    return (["risk_scores"] if rows else []) + (["transactions"] if archived else [])


def _redis(settings: Settings, found: Record, scores: Scores) -> list[str]:
    held = entry(settings, found.event_id)
    if held is None:
        return []
    one, seconds = held
    name, _, version = one.ruleset.rpartition(":")
    if same := scores.get((name, int(version))):
        same.stored["redis"] = one.revision
    return [f"under {one.ruleset}, for {seconds:,} s more"]


_STORES = {"elasticsearch": _elasticsearch, "postgres": _postgres, "redis": _redis}


def _merge(scores: Scores, found: Scored, store: str) -> None:
    key = (found.ruleset, found.ruleset_version)
    known = scores.setdefault(key, found)
    if found.revision > known.revision:
        found.kind, found.stored = known.kind, known.stored
        scores[key] = found
    scores[key].stored[store] = found.revision
