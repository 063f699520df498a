"""Scores, feedback and training sets to test with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from risk.engine.features.catalogue import FeatureValue
from risk.engine.feedback import Logged, Verdict, build
from risk.engine.messages import MaskedTransaction, Score
from risk.ops.models.sets import file
from risk.ops.models.sets.latest import Latest, ScoreSource
from risk.ops.models.sets.manifest import Counts, Manifest, Read, SetInput
from risk.ops.models.sets.rows import Row, Rows, by_payment, rows_of
from risk.ops.models.sets.terms import Terms

NOON = 1_740_830_400_000  # 2025-03-01T12:00:00Z
DAY = 86_400_000
TERMS = Terms(begin=NOON, to=NOON + 10 * DAY, as_of=NOON + 20 * DAY, mature=7 * DAY)
PRINT = "f" * 64
DIGEST = "d" * 64
INPUTS = (
    SetInput(type="int", field="amount"),
    SetInput(type="int", field="hour_utc"),
    SetInput(type="int", feature="user_count_5m"),
    SetInput(type="float", feature="merchant_mean", digest=DIGEST),
    SetInput(type="bool", feature="new_device"),
)
FEATURES: dict[str, FeatureValue] = {"user_count_5m": 3, "merchant_mean": 1.25, "new_device": True}


def score(event_id: str = "e1", event_time: int = NOON, **changes: Any) -> Score:
    """A live score of ruleset shop:1; changes are of its fields, or of its transaction's."""
    txn: dict[str, Any] = {"amount": 1_500, "currency": "EUR", "country": "DE", "channel": "web"}
    txn |= {name: changes.pop(name) for name in ("amount", "currency") if name in changes}
    fields: dict[str, Any] = {
        "schema_version": 1,
        "event_id": event_id,
        "user_id": "u-1",
        "event_time": event_time,
        "run_id": "live-1",
        "ruleset": "shop",
        "ruleset_version": 1,
        "fingerprint": PRINT,
        "revision": 0,
        "score": 10,
        "decision": "ALLOW",
        "reasons": (),
        "features": FEATURES,
        "transaction": MaskedTransaction(**txn),
        "scored_at": event_time + 20,
    }
    return Score(**{**fields, **changes})


def said(
    verdict: Verdict,
    known_at: int,
    event_id: str = "e1",
    *,
    event_time: int = NOON,
    source: str = "analyst",
    appended: int | None = None,
    offset: int = 0,
) -> Logged:
    """Feedback as it stands in the log, appended when it was known unless said otherwise."""
    found = build((event_id, "u-1", event_time), verdict, source, known_at, "ana")
    return Logged(found, known_at if appended is None else appended, 0, offset)


def built(
    scores: Sequence[Score],
    feedback: Sequence[Logged] = (),
    terms: Terms = TERMS,
    which: ScoreSource = ScoreSource(),  # noqa: B008
) -> Rows:
    """The rows that these make."""
    latest = Latest(which, terms)
    for number, one in enumerate(scores):
        latest.take(one, (number, 0, number))
    found = by_payment(feedback, latest.held)
    return rows_of(latest.held, found.found, INPUTS, terms, {"late": latest.late})


def row(number: int, event_time: int, **changes: Any) -> Row:
    """A row as such."""
    plain = Row(
        *(f"e{number}", f"u-{number % 50}", event_time, "EUR", "DE", "web", "bank-a", 10, "ALLOW"),
        *(None, None, (), 1.0),
        (1_500, 12, 3, 1.25, True),
    )
    return plain._replace(**changes)


def manifest_of(rows: Sequence[Row], data: bytes, terms: Terms = TERMS) -> Manifest:
    """That of such a file."""
    labels = [one.verdict for one in rows]
    counts = Counts(
        len(rows), labels.count("fraud"), labels.count("legitimate"), labels.count(None), 0, {}
    )
    read = Read("risk.scores", {"0": (0, len(rows))})
    return Manifest(
        format=1,
        sha256=file.sha256(data),
        ruleset="shop",
        ruleset_version=1,
        fingerprint=PRINT,
        run="",
        terms=terms,
        scores=read,
        feedback=read,
        inputs=INPUTS,
        counts=counts,
    )


def written(path: Path, rows: Sequence[Row], terms: Terms = TERMS) -> Path:
    """The files of a set of such rows, whether it holds its promises or not."""
    data = file.encoded(rows, INPUTS)
    file.write(path, data, manifest_of(rows, data, terms))
    return path
