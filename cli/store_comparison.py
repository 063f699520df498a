"""What a store holds against what it has to: each mismatch as a line of words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from cli.fields import different, fields_of
from risk.oracle import Expected, Settled
from risk.oracle.expected import EventKey
from risk.rules import Ruleset


def store(
    name: str,
    rows: Iterable[Any],
    want: Expected,
    revisions: Mapping[EventKey, int],
    ruleset: Ruleset,
) -> tuple[int, list[str]]:
    """A store's rows (`sinks.stored.Stored`): how many there are, and what is wrong with them.

    Where two users' events share an event_id, either may be what the store has kept.
    """
    wanted: defaultdict[str, list[tuple[EventKey, Settled]]] = defaultdict(list)
    for key, settled in want.scores.items():
        wanted[key[0]].append((key, settled))
    problems: list[str] = []
    seen: set[str] = set()
    count = 0
    for row in rows:
        count += 1
        if row.event_id in seen:
            problems.append(f"{name}: event {row.event_id} twice")
        seen.add(row.event_id)
        wrong = [
            different(fields_of(row), _row(key, settled, revisions.get(key), ruleset))
            for key, settled in wanted.get(row.event_id, ())
        ]
        if not wrong:
            problems.append(f"{name}: event {row.event_id} must not be there")
        elif all(wrong):
            problems.append(f"{name}: event {row.event_id}: {wrong[0]}")
    problems += [f"{name}: event {event} is missing" for event in wanted if event not in seen]
    return count, problems


def _row(
    key: EventKey, settled: Settled, revision: int | None, ruleset: Ruleset
) -> dict[str, object]:
    found: dict[str, object] = {
        "user_id": key[1],
        "event_time": key[2],
        "score": settled.outcome.score,
        "decision": settled.outcome.decision,
        "reasons": tuple((r.rule, r.version, r.points) for r in settled.outcome.reasons),
        "fingerprint": ruleset.fingerprint,
    }
    return found if revision is None else {**found, "revision": revision}
