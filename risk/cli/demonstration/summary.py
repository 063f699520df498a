"""What a run has come to."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import msgspec

from generator.attacks import HARD
from risk.cli.demonstration.tally import Counts, Emitted, EventKey, Tally
from risk.config.settings import Settings
from risk.verify.quality.budgets import OTHER, Quality, Ranking
from risk.verify.verification import Report
from sinks import registry
from sinks.store import Archives


class Store(msgspec.Struct):
    """The run's events in a store. `archived` are its transactions, where all are kept."""

    scores: int
    flagged: int
    archived: int | None = None


class Latency(msgspec.Struct):
    """From the append of a transaction to risk.transactions, in ms, over so many events."""

    events: int
    p50: float
    p95: float
    p99: float


class Chaos(msgspec.Struct):
    """A TaskManager that was killed; the first score came so long after. None: none came."""

    killed: str
    pid: int
    recovered_s: float | None


class Summary(msgspec.Struct, kw_only=True):
    """All of it. `sent` is what the generator counted as acknowledged, `read` what was read back.

    `quality` and all decisions are the settled ones. `to_first_score_s` counts from the start of
    the command. `disagreements` says in words what doesn't add up.
    """

    ok: bool
    ruleset: str
    ruleset_version: int
    seed: int
    rate: float
    seconds: float
    to_first_score_s: float | None
    sent: int
    read: int
    scored: int
    duplicate: int
    late: int
    rejected: int
    decisions: dict[str, int]
    corrected: int
    stores: dict[str, Store]
    quality: Quality
    latency_ms: dict[str, Latency]
    most_behind_s: float
    chaos: Chaos | None
    verified: Report
    disagreements: list[str]


def store_counts(
    settings: Settings, stores: Sequence[str], ruleset: tuple[str, int], tally: Tally
) -> dict[str, Store]:
    """What the stores hold of the run's events. Raises `Unavailable`."""
    wanted = {key: emitted for key, _, emitted in tally.settled()}
    found: dict[str, Store] = {}
    for name in stores:
        loaded = registry.load(name)
        rows = loaded.scan(settings, *ruleset)
        own = [row for row in rows if (row.event_id, row.user_id, row.event_time) in wanted]
        flagged = sum(row.decision != "ALLOW" for row in own)
        found[name] = Store(len(own), flagged)
        if isinstance(loaded, Archives):
            ids = tally.late_ids() | {key[0] for key in wanted}
            found[name].archived = loaded.archived(settings, ids)
    return found


def disagreements(
    sent: int, counts: Counts, stores: Mapping[str, Store], tally: Tally, report: Report
) -> list[str]:
    """What doesn't add up, in words."""
    found: list[str] = []
    if sent != counts.events:
        found.append(f"{sent:,} records were acknowledged, {counts.events:,} can be read")
    if counts.waiting:
        found.append(f"{counts.waiting:,} records have no outcome")
    if undecided := tally.undecided():
        found.append(f"{undecided:,} late payments have no decision")
    settled = list(tally.settled())
    flagged = sum(emitted.decision != "ALLOW" for _, _, emitted in settled)
    archived = len(tally.late_ids() | {key[0] for key, _, _ in settled})
    for name, store in stores.items():
        wanted = Store(len(settled), flagged, archived if store.archived is not None else None)
        if store != wanted:
            found.append(f"{name} holds {_words(store)} of {_words(wanted)}")
    if report.mismatches:
        found.append(f"{report.mismatches:,} mismatches with the oracle, first: {report.first[0]}")
    return found


def caught(tally: Tally) -> Quality:
    """How well all scored events that have a label were decided."""
    ranking = Ranking()
    for key, _, emitted in tally.settled():
        if label := tally.labels.get(key[:2]):
            attack = (label.attack or OTHER) if label.fraud else None
            ranking.add(attack, emitted.score, emitted.decision != "ALLOW")
    return ranking.quality(HARD)


def latency(settled: Sequence[tuple[EventKey, int, Emitted]], since_ms: int) -> Latency | None:
    """To the first score of each event whose transaction was appended at `since_ms` or later."""
    return percentiles(
        [emitted.first_ms - appended for _, appended, emitted in settled if appended >= since_ms]
    )


def percentiles(values: Sequence[float]) -> Latency | None:
    """By nearest rank; None if there are no values."""
    if not values:
        return None
    ranked = sorted(values)

    def at(share: float) -> float:
        return ranked[max(0, math.ceil(share * len(ranked)) - 1)]

    return Latency(len(ranked), at(0.5), at(0.95), at(0.99))


def _words(store: Store) -> str:
    archived = "" if store.archived is None else f", {store.archived:,} archived"
    return f"{store.scores:,} scores, {store.flagged:,} flagged{archived}"
