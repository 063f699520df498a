"""Whether anything was lost, where the oracle would take years: each payment is counted.

The oracle looks at all of a user's window for each payment anew: of a million in one window that is
a million times a million.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from risk.config.settings import Settings
from risk.kafka.scan import offsets, read_all
from sinks import registry
from sinks.store import Payment, Tag


class _Scored(msgspec.Struct):
    event_id: str
    user_id: str
    event_time: int
    ruleset: str
    ruleset_version: int


class Counted(msgspec.Struct, frozen=True):
    """Records of each topic, payments of risk.scores, and those of them that each store has."""

    consumed: int
    scored: int
    late: int
    rejected: int
    rows: dict[str, int]


def count(settings: Settings) -> Counted:
    """Count all of it. Raises `UserError` and `Unavailable`."""
    topics = settings.topics
    scored: set[Payment] = set()
    tags: set[Tag] = set()
    for one in _scores(settings):
        scored.add((one.event_id, one.user_id, one.event_time))
        tags.add((one.ruleset, one.ruleset_version))
    rows = {}
    for name in registry.names():
        store, found = registry.load(name), 0
        for ruleset, version in tags:
            found += sum(row.payment in scored for row in store.scan(settings, ruleset, version))
        rows[name] = found
    return Counted(
        _records(settings, topics.transactions),
        len(scored),
        _records(settings, topics.late),
        _records(settings, topics.dlq),
        rows,
    )


def problems(found: Counted) -> list[str]:
    """What is missing, in words."""
    wrong = []
    outcomes = found.scored + found.late + found.rejected
    if outcomes != found.consumed:
        wrong.append(f"{found.consumed:,} were sent, and {outcomes:,} have an outcome")
    for name, rows in found.rows.items():
        if rows != found.scored:
            wrong.append(f"{found.scored:,} were scored, and {name} has {rows:,} of them")
    return wrong


def _scores(settings: Settings) -> Iterator[_Scored]:
    decode = msgspec.json.Decoder(_Scored).decode
    for message in read_all(settings, settings.topics.scores):
        yield decode(message.value() or b"")


def _records(settings: Settings, topic: str) -> int:
    return sum(high - low for low, high in offsets(settings, topic).values())
