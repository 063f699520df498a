"""A score as a document: the names of the Elastic Common Schema, and `risk.*` for what is ours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from risk.engine.messages import Score
from risk.engine.payment.identity import payment_key
from sinks.stored import Stored

_TEXTS: Final = ("merchant_id", "merchant_category", "channel", "card_token")
ECS_VERSION: Final = "8.17"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)

# What `stored` reads of a document.
STORED_FIELDS: Final = (
    "@timestamp",
    "event.id",
    "user.id",
    "risk.revision",
    "risk.score",
    "risk.decision",
    "risk.reasons",
    "risk.fingerprint",
    "risk.late",
)


def document_id(score: Score) -> str:
    """The `_id`: one document for each payment under each version of a ruleset."""
    key = payment_key(score.user_id, score.event_id, score.event_time)
    return id_of(key, score.ruleset, score.ruleset_version)


def id_of(key: str, ruleset: str, version: int) -> str:
    """The `_id` of a payment, by its key, under a version of a ruleset."""
    return f"{key}:{ruleset}:{version}"


def index(prefix: str, event_time: int) -> str:
    """The index of a month of event time, for example `risk-scores-2025.03`."""
    return f"{prefix}-{_moment(event_time):%Y.%m}"


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two documents say the same, whichever run says it, of which kind, and when."""
    return _said(one) == _said(other)


def _said(source: dict[str, Any]) -> dict[str, Any]:
    event = {**source["event"], "created": None}
    risk = {**source["risk"], "run_id": None, "kind": None}
    return {**source, "event": event, "risk": risk}


def document(score: Score) -> dict[str, Any]:
    """The document of a score."""
    txn = score.transaction
    flagged = score.decision != "ALLOW"
    event: dict[str, Any] = {
        "id": score.event_id,
        "kind": "alert" if flagged else "event",
        "type": ["info"],
        "module": "risk",
        "dataset": "risk.scores",
        "action": score.decision.lower(),
        "risk_score": score.score,
        "created": _iso(score.scored_at),
    }
    if txn.source:
        event["provider"] = txn.source
    if flagged:
        event["category"] = ["threat"]
    geo: dict[str, Any] = {"country_iso_code": txn.country} if txn.country else {}
    if txn.lat is not None and txn.lon is not None:
        geo["location"] = {"lat": txn.lat, "lon": txn.lon}
    found: dict[str, Any] = {
        "@timestamp": _iso(score.event_time),
        "ecs": {"version": ECS_VERSION},
        "event": event,
        "user": {"id": score.user_id},
        "source": {"ip": txn.ip, "geo": geo} if txn.ip else {"geo": geo},
        "rule": {
            "name": [reason.rule for reason in score.reasons],
            "ruleset": score.ruleset,
            "version": str(score.ruleset_version),
        },
        "risk": {
            "late": score.late,
            "revision": score.revision,
            "score": score.score,
            "decision": score.decision,
            "ruleset_version": score.ruleset_version,
            "fingerprint": score.fingerprint,
            "run_id": score.run_id,
            "kind": score.kind,
            "schema_version": score.schema_version,
            "reasons": score.reasons,
            "features": score.features,
            "transaction": {
                "amount": txn.amount,
                "currency": txn.currency,
                **{name: value for name in _TEXTS if (value := getattr(txn, name))},
            },
        },
    }
    if txn.device_id:
        found["device"] = {"id": txn.device_id}
    for name in ("attributes", "undeclared"):
        if attributes := getattr(txn, name):
            found["risk"][name] = attributes
    if score.since:
        found["risk"]["since"] = score.since
    return found


def stored(source: dict[str, Any]) -> Stored:
    """What is compared of a document that was read back."""
    risk = source["risk"]
    return Stored(
        event_id=source["event"]["id"],
        user_id=source["user"]["id"],
        event_time=(datetime.fromisoformat(source["@timestamp"]) - _EPOCH) // _MILLISECOND,
        revision=risk["revision"],
        score=risk["score"],
        decision=risk["decision"],
        reasons=tuple((r["rule"], r["version"], r["points"]) for r in risk["reasons"]),
        fingerprint=risk["fingerprint"],
        late=risk.get("late", False),
    )


def _moment(time: int) -> datetime:
    return _EPOCH + time * _MILLISECOND


def _iso(time: int) -> str:
    return _moment(time).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
