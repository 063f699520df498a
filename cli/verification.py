"""Every output of the engine against what the oracle says it has to be."""

from __future__ import annotations

import importlib
import time
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from cli import comparison, store_comparison
from cli.common import UserError
from cli.comparison import Line, Scores, Topic
from cli.topics import read_all
from risk.delivery import Unavailable
from risk.oracle import Consumed, Expected, expected
from risk.rules import Ruleset
from risk.settings import Settings

STORES: Final = ("postgres", "redis", "elasticsearch")
SHOWN: Final = 10
POLL_S: Final = 2.0


class StoreReport(msgspec.Struct):
    """A store's rows of the ruleset's version, and how many of them are wrong or missing."""

    rows: int
    mismatches: int


class Report(msgspec.Struct):
    """What came of a verification. `first` are the first mismatches, in words."""

    ruleset: str
    ruleset_version: int
    events: int
    scored: int
    duplicate: int
    late: int
    rejected: int
    conflicts: int
    rejected_by_reason: dict[str, int]
    corrections: int
    repeated: int
    mismatches: int
    stores: dict[str, StoreReport]
    first: list[str]


def verify(
    settings: Settings, ruleset: Ruleset, stores: Sequence[str] = STORES, wait_s: float = 0.0
) -> Report:
    """Recompute all of risk.transactions and compare every output with it.

    With `wait_s`, outputs that still differ are read again until they agree or the time is over.
    Raises `UserError` if the broker or a store can't be read.
    """
    until = time.monotonic() + wait_s
    want = expected(_transactions(settings), ruleset, settings.scoring)
    scores, topics = _topics(settings, want, ruleset)
    while _wrong(topics) and _again(until):
        scores, topics = _topics(settings, want, ruleset)
    problems = [problem for topic in topics for problem in topic.problems]
    counts: dict[str, StoreReport] = {}
    for name in stores:
        rows, wrong = _store(name, settings, want, scores, ruleset, until)
        while wrong and _again(until):
            rows, wrong = _store(name, settings, want, scores, ruleset, until)
        counts[name] = StoreReport(rows, len(wrong))
        problems += wrong
    return Report(
        ruleset=ruleset.name,
        ruleset_version=ruleset.version,
        events=want.events,
        scored=len(want.scores),
        duplicate=want.duplicate,
        late=len(want.late),
        rejected=len(want.rejected),
        conflicts=want.conflicts,
        rejected_by_reason=want.rejected_by_reason,
        corrections=sum(revision > 0 for revision in scores.revisions.values()),
        repeated=sum(topic.repeated for topic in topics),
        mismatches=len(problems),
        stores=counts,
        first=problems[:SHOWN],
    )


def _transactions(settings: Settings) -> Iterator[Consumed]:
    for message in read_all(settings, settings.topics.transactions):
        yield Consumed(
            message.partition(),
            message.offset(),
            message.timestamp()[1],
            message.key(),
            message.value(),
        )


def _topics(settings: Settings, want: Expected, ruleset: Ruleset) -> tuple[Scores, list[Topic]]:
    names = settings.topics
    scores = comparison.scores(_lines(settings, names.scores), want, ruleset)
    return scores, [
        scores,
        comparison.alerts(_lines(settings, names.alerts), want, ruleset, scores),
        comparison.late(_lines(settings, names.late), want),
        comparison.dlq(_lines(settings, names.dlq), want, names.transactions),
    ]


def _lines(settings: Settings, topic: str) -> Iterator[Line]:
    for message in read_all(settings, topic):
        yield Line(message.key(), message.value(), dict(message.headers() or ()))


def _store(
    name: str, settings: Settings, want: Expected, scores: Scores, ruleset: Ruleset, until: float
) -> tuple[int, list[str]]:
    scan = importlib.import_module(f"sinks.{name}").scan
    while True:
        try:
            rows = list(scan(settings, ruleset.name, ruleset.version))
        except _unreadable() as error:
            if not _again(until):
                reason = str(error).partition("\n")[0]
                raise UserError(f"{name} can't be read: {reason}: see `risk status`") from None
        else:
            return store_comparison.store(name, rows, want, scores.revisions, ruleset)


def _unreadable() -> tuple[type[Exception], ...]:
    """What the stores' clients raise when they can't read. Imported late: they are slow to load."""
    import elastic_transport
    import elasticsearch
    import psycopg
    import redis

    return (
        Unavailable,
        OSError,
        psycopg.Error,
        redis.RedisError,
        elastic_transport.TransportError,
        elasticsearch.ApiError,
    )


def _wrong(topics: Sequence[Topic]) -> bool:
    return any(topic.problems for topic in topics)


def _again(until: float) -> bool:
    """Whether there is time to look again; if so, a moment has passed."""
    left = until - time.monotonic()
    if left <= 0:
        return False
    time.sleep(min(POLL_S, left))
    return True
