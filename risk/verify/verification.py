"""Every output of the engine against what the oracle says it has to be."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from typing import Final

import msgspec

from risk.config.settings import Settings
from risk.engine.oracle import Expected
from risk.engine.oracle.expected import EventKey
from risk.engine.rules import Ruleset
from risk.kafka.scan import read_all
from risk.verify import comparison, dlq_comparison, erasures, retained
from risk.verify.comparison import Line, Scores, Topic
from risk.verify.histories import Histories
from risk.verify.outputs import Outputs, ends
from risk.verify.recorded import Told, told_alone
from risk.verify.replays import Replays
from risk.verify.store_reading import again, beside, scores_in
from risk.verify.takeovers import Owners
from risk.verify.wanted import Scope as Scope
from risk.verify.wanted import gone_from, wanted
from sinks import registry

SHOWN: Final = 10


class StoreReport(msgspec.Struct):
    """A store's rows of the ruleset's version, and how many of them are wrong or missing.

    `expired`: so many may be missing, as they are past the store's retention.
    """

    rows: int
    mismatches: int
    expired: int = 0


class Report(msgspec.Struct):
    """What came of a verification. `first` are the first mismatches, in words.

    `elsewhere` are the scored events that were live under other rulesets alone. `rows` are those
    that a store of all scores has to have: of what was scored, and of late payments that were
    decided under this ruleset and whose row no scored one has. `gone` has the first offset
    that is left of each partition whose beginning was deleted: then no score can be
    computed again for sure, and what differs is `unjudged`, not a mismatch. So is what differs in
    scores of a run that was to read less than there is (`--bootstrap`), if they say so (`since`).
    `erased` are rows that no store is to have, as their users were erased.
    """

    ruleset: str
    ruleset_version: int
    events: int
    scored: int
    elsewhere: int
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
    gone: dict[int, int] = {}
    unjudged: int = 0
    rows: int = 0
    erased: int = 0


def verify(
    settings: Settings,
    ruleset: Ruleset,
    stores: Sequence[str] | None = None,
    wait_s: float = 0.0,
    scope: Scope | None = None,
) -> Report:
    """Recompute all of risk.transactions and compare every output with it.

    Of all that is delivered, unless `stores` are named. Where several rulesets were live one after
    the other, each is held to its own events. With `wait_s`, outputs that still differ are read
    again until they agree or the time is over.
    Raises `UserError` if the broker or a store can't be read.
    """
    until = time.monotonic() + wait_s
    scope = scope or Scope()
    gone = gone_from(settings)
    # Before dead letters are read: one that comes after that is a change, too.
    outputs = Outputs(lambda: ends(settings), until) if wait_s > 0 else None
    told = told_alone(settings)
    want, events, demanded = wanted(settings, ruleset, scope, told)
    scores, topics = _topics(settings, want, ruleset, demanded, scope.run_id, told)
    while _wrong(topics[-1:] if gone else topics) and outputs and outputs.changed():
        if (now := told_alone(settings)) != told:
            told = now
            want, events, demanded = wanted(settings, ruleset, scope, told)
        scores, topics = _topics(settings, want, ruleset, demanded, scope.run_id, told)
    every = len(want.scores)
    want.scores = {k: v for k, v in want.scores.items() if scores.covers(k, demanded)}
    late = {k: v for k, v in want.late_scores.items() if scores.covers(k, demanded, late=True)}
    want.late_scores = late
    scored = len(want.scores)
    problems = [problem for topic in topics for problem in topic.problems]
    listed, limits = erasures.listed(settings), retained.limits(settings)
    left = len((erasures.without(want, listed) if listed else want).rows)
    counts: dict[str, StoreReport] = {}
    others: list[str] = []  # what doesn't follow from payments
    for name in registry.delivery_names() if stores is None else stores:
        if name not in registry.names():
            rows, wrong = beside(name, settings, until, erasures.of(name, settings, listed))
            counts[name] = StoreReport(rows, len(wrong))
            others += wrong
            continue
        held = want
        if registry.entry(name).live_only:
            last = scores.live - scores.superseded
            live = {k: v for k, v in want.scores.items() if k in last}
            late = {k: v for k, v in want.late_scores.items() if k in last}
            held = msgspec.structs.replace(want, scores=live, late_scores=late)
        held = erasures.without(held, erasures.of(name, settings, listed))
        before, expired = len(held.rows), limits.get(name, 0)
        held = retained.without(held, expired)
        asked = name, settings, held, scores, ruleset, until, scope.run_id, expired
        rows, wrong = scores_in(*asked)
        while wrong and not gone and again(until):
            rows, wrong = scores_in(*asked)
        counts[name] = StoreReport(rows, len(wrong), before - len(held.rows))
        problems += wrong
    unjudged = len(scores.unjudged)
    if gone:  # of the topics only risk.dlq says of each record by itself what has to be there
        judged = topics[-1].problems if scope.run_id is None else []
        unjudged, problems = unjudged + len(problems) - len(judged), judged
    problems += others
    return Report(
        ruleset=ruleset.name,
        ruleset_version=ruleset.version,
        events=events,
        scored=scored,
        elsewhere=every - scored,
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
        gone=gone,
        unjudged=unjudged,
        rows=left,
        erased=len(want.rows) - left,
    )


def _topics(
    settings: Settings,
    want: Expected,
    ruleset: Ruleset,
    demanded: Collection[EventKey],
    run_id: str | None,
    told: Told,
) -> tuple[Scores, list[Topic]]:
    names = settings.topics
    owners = Owners.of(settings) if run_id is None else None
    scores = comparison.scores(
        _lines(settings, names.scores),
        want,
        ruleset,
        demanded,
        run_id,
        owners,
        Histories.of(settings),
        Replays.of(settings, ruleset, told) if run_id is None else None,
    )
    for key, settled in scores.replayed.items():
        (want.late_scores if settled.late else want.scores)[key] = settled
    if run_id is not None:  # a replay says nothing but scores
        return scores, [scores]
    return scores, [
        scores,
        comparison.alerts(_lines(settings, names.alerts), want, ruleset, scores),
        comparison.late(_lines(settings, names.late), want),
        dlq_comparison.dlq(
            _lines(settings, names.dlq), want, names.transactions, gone_from(settings)
        ),
    ]


def _lines(settings: Settings, topic: str) -> Iterator[Line]:
    for message in read_all(settings, topic):
        yield Line(message.key(), message.value(), dict(message.headers() or ()))


def _wrong(topics: Sequence[Topic]) -> bool:
    return any(topic.problems for topic in topics)
