"""The shapes of what the API answers, in JSON Schema; those of messages are in `schemas/`."""

from __future__ import annotations

from typing import Any, Final

from risk.console.api.problem import KINDS, URN

Schema = dict[str, Any]

_TIME: Final = {"type": "integer", "minimum": 0, "description": "ms since 1970 in UTC"}
_TEXT: Final = {"type": "string"}


def _object(required: Schema, **optional: Any) -> Schema:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [*required],
        "properties": {**required, **optional},
    }


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


_DECISION: Final = {
    "score": {"type": "integer", "minimum": 0, "maximum": 100},
    "decision": {"enum": ["ALLOW", "REVIEW", "BLOCK"]},
    "reasons": {"type": "array", "items": _ref("reason")},
    "ruleset": _TEXT,
    "ruleset_version": {"type": "integer", "minimum": 1},
    "revision": {"type": "integer", "minimum": 0},
    "late": {"type": "boolean"},
    "scored_at": _TIME,
}
_VERDICT: Final = {
    "event_id": _TEXT,
    "user_id": _TEXT,
    "event_time": {"description": "the payment's: ms UTC, or 2025-03-01T12:00"},
    "verdict": {"enum": ["fraud", "legitimate"]},
    "source": {"enum": ["import", "analyst", "chargeback"]},
    "known_at": {"description": "since when it is known: ms UTC, or 2025-03-01T12:00"},
    "by": _TEXT,
}

SHAPES: Final[dict[str, Schema]] = {
    "reason": _object(
        {
            "rule": _TEXT,
            "version": {"type": "integer"},
            "points": {"type": "integer"},
            "text": _TEXT,
        }
    ),
    "decision": _object(_DECISION),
    "sent_one": _object(
        {
            "status": {"enum": ["accepted", "decided"]},
            "known": {"type": "boolean", "description": "it was sent before, and counts once"},
            "user_id": _TEXT,
            "event_id": _TEXT,
            "event_time": _TIME,
            "location": {"type": "string", "description": "the path to ask at"},
        },
        decision=_ref("decision"),
    ),
    "sent": {
        "anyOf": [
            _ref("sent_one"),
            _object({"payments": {"type": "array", "items": _ref("sent_one")}}),
        ]
    },
    "stored": _object(
        {
            "status": {"enum": ["stored", "pending"]},
            "user_id": _TEXT,
            "event_id": _TEXT,
            "payments": {"type": "array", "items": _ref("stored_one")},
            "stores": {"type": "object", "additionalProperties": _TEXT},
        }
    ),
    "stored_one": _object(
        {
            "event_time": _TIME,
            "late": {"type": "boolean"},
            "late_by": {"type": ["integer", "null"]},
            "behind": {"enum": ["partition", "frontier", "limit", None]},
            "transaction": {"type": ["object", "null"]},
            "decisions": {"type": "array", "items": _ref("stored_decision")},
            "feedback": {"type": "array", "items": {"type": "object"}},
        }
    ),
    "stored_decision": _object(
        {
            **_DECISION,
            "kind": {"enum": ["live", "shadow", "replay"]},
            "run_id": _TEXT,
            "fingerprint": _TEXT,
            "features": {"type": "object"},
            "stored": {"type": "object", "additionalProperties": {"type": "integer"}},
            "since": {"type": "object", "additionalProperties": _TIME},
        }
    ),
    "alerts": _object(
        {
            "alerts": {"type": "array", "items": _ref("alert")},
            "cursor": _or_null(_TEXT),
            "next": _or_null(_TEXT),
        }
    ),
    "alert": _object(
        {
            "alert_id": _TEXT,
            "user_id": _TEXT,
            "event_id": _TEXT,
            "event_time": _TIME,
            "run_id": _TEXT,
            **_DECISION,
            "transaction": {"type": ["object", "null"]},
        }
    ),
    "verdict": {
        "type": "object",
        "additionalProperties": False,
        "required": ["event_id", "verdict"],
        "properties": {**_VERDICT, "note": _TEXT},
    },
    "said": {
        "anyOf": [
            _ref("said_one"),
            _object({"feedback": {"type": "array", "items": _ref("said_one")}}),
        ]
    },
    "said_one": _object(
        {
            "schema_version": {"const": 1},
            **_VERDICT,
            "event_time": _TIME,
            "known_at": _TIME,
            "feedback_key": {"type": "string", "description": "names what was said"},
        },
        note=_TEXT,
    ),
    "description": {"type": "object", "required": ["openapi", "info", "paths", "components"]},
    "health": {
        "type": "object",
        "required": ["status"],
        "additionalProperties": _TEXT,
    },
    "problem": {
        "type": "object",
        "required": ["type", "title", "status", "detail", "code"],
        "properties": {
            "type": {"enum": [URN + kind.replace("_", "-") for kind in KINDS]},
            "title": _TEXT,
            "status": {"type": "integer"},
            "detail": {"type": "string", "description": "one line: what is wrong, and what to do"},
            "code": {"type": "string", "description": "the kind, or scoring's own name for it"},
            "field": {"type": "string", "description": "the member that is wrong"},
            "parameter": {"type": "string", "description": "the parameter that is wrong"},
            "index": {"type": "integer", "description": "which of many, from 0"},
            "errors": {"type": "array", "items": _ref("fault")},
            "payments": {"type": "array", "items": {"type": "object"}},
        },
    },
    "fault": _object({"code": _TEXT, "detail": _TEXT}, field=_TEXT, index={"type": "integer"}),
}
