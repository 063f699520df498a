"""What a store holds against what it has to: each mismatch as a line of words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from risk.engine.oracle import Expected, Settled
from risk.engine.oracle.expected import EventKey
from risk.engine.rules import Ruleset
from risk.verify.fields import different, fields_of
from sinks.stored import Stored


def store(
    name: str,
    rows: Iterable[Stored],
    want: Expected,
    revisions: Mapping[EventKey, int],
    ruleset: Ruleset,
    unjudged: Collection[EventKey] = (),
) -> tuple[int, list[str]]:
    """A store's rows: how many there are, and what is wrong with them.

    Of those that are `unjudged` only whether they are there.
    """
    wanted = want.rows
    problems: list[str] = []
    seen: set[EventKey] = set()
    count = 0
    for row in rows:
        count += 1
        key = row.payment
        if key in seen:
            problems.append(f"{name}: {_name(key)} twice")
        seen.add(key)
        settled = wanted.get(key)
        if settled is None:
            problems.append(f"{name}: {_name(key)} must not be there")
            continue
        if key in unjudged:
            continue
        revision = 0 if settled.late else revisions.get(key)
        if wrong := different(fields_of(row), _row(settled, revision, ruleset)):
            problems.append(f"{name}: {_name(key)}: {wrong}")
    problems += [f"{name}: {_name(key)} is missing" for key in wanted if key not in seen]
    return count, problems


def _row(settled: Settled, revision: int | None, ruleset: Ruleset) -> dict[str, object]:
    found: dict[str, object] = {
        "score": settled.outcome.score,
        "decision": settled.outcome.decision,
        "reasons": tuple((r.rule, r.version, r.points) for r in settled.outcome.reasons),
        "fingerprint": ruleset.fingerprint,
        "late": settled.late,
    }
    return found if revision is None else {**found, "revision": revision}


def _name(key: EventKey) -> str:
    return f"event {key[0]} of user {key[1]} at {key[2]}"
