"""The calls of the API, all of them: the server and its description come from this table."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from risk.console.api import alerts, feedback, health, payments, stored
from risk.console.api.asked import Asked
from risk.console.api.call import Body, Call, Parameter

_ID: Final = {"type": "string", "minLength": 1, "maxLength": 128}
_TIME: Final = {"type": "string"}
_WAIT: Final = {"type": "string", "pattern": "^[0-9]{1,9}(ms|s)$"}
_SCORE: Final = {"type": "integer", "minimum": 0, "maximum": 100}
_LIMIT: Final = {"type": "integer", "minimum": 1, "maximum": alerts.MOST}
_BODY: Final = ("bad_request", "slow_body", "too_large", "unsupported_type", "invalid")


async def description(asked: Asked) -> Response:
    """200: this table, as OpenAPI has it."""
    from risk.console.api.openapi import document

    return Response(document(), 200, {"cache-control": "max-age=3600"}, "application/json")


CALLS: Final = (
    Call(
        "POST", "/v1/payments", payments.post,
        "Send payments: checked as scoring checks them, published to Kafka, acknowledged by all "
        "replicas. All of a body or, if one is wrong, none of it.",
        "payments:write",
        {
            200: ("sent", "All are decided."),
            202: ("sent", "Kafka has all of them; ask at `location` for what isn't decided yet."),
        },
        (*_BODY, "conflict", "kafka_unavailable", "delivery_unknown"),
        query={
            "wait": Parameter("how long to wait for decisions: 200ms, 2s", _WAIT, "200ms"),
        },
        body=Body("payment", "A payment, an array of them, or one a line.", lines=True),
    ),
    Call(
        "GET", "/v1/payments/{user}/{event}", stored.get,
        "All that is known of a payment: the latest revision by ruleset and version, the payment "
        "itself, what was said of it.",
        "payments:read",
        {200: ("stored", "What is known; `pending` while Kafka alone has it.")},
        ("bad_request", "not_found", "store_unavailable"),
        words={
            "user": Parameter("the user_id, percent-encoded", _ID),
            "event": Parameter("the event_id, percent-encoded", _ID),
        },
    ),
    Call(
        "GET", "/v1/alerts", alerts.get,
        "Payments that live scoring has flagged, the latest first. What arrives meanwhile moves "
        "none of those that are there: each stands on one page.",
        "alerts:read",
        {200: ("alerts", "A page; `next` is the path of the next one, null on the last.")},
        ("bad_request", "store_unavailable"),
        query={
            "decision": Parameter("REVIEW or BLOCK alone", {"enum": list(alerts.DECISIONS)}),
            "user_id": Parameter("of one user", _ID),
            "ruleset": Parameter("of one ruleset, by its name", _ID),
            "min_score": Parameter("of this score or more", _SCORE),
            "from": Parameter("event time from: 2025-03-01T12:00, or ms UTC", _TIME),
            "to": Parameter("event time before", _TIME),
            "limit": Parameter("how many on a page (50)", _LIMIT),
            "cursor": Parameter("of the page before", {"type": "string"}),
        },
    ),
    Call(
        "POST", "/v1/feedback", feedback.post,
        "Say what became of payments, by the rules of `risk label`. The key's name is noted.",
        "feedback:write",
        {202: ("said", "Kafka has it; a verdict may wait for its payment.")},
        (*_BODY, "kafka_unavailable", "delivery_unknown", "store_unavailable"),
        body=Body("verdict", "A verdict, or an array of them."),
    ),
    Call(
        "GET", "/v1/openapi.json", description, "This description.", None,
        {200: ("description", "OpenAPI 3.1.")}, ("bad_request",),
    ),
    Call(
        "GET", "/healthz", health.live, "Whether it lives.", None,
        {200: ("health", "It does.")}, ("bad_request",),
    ),
    Call(
        "GET", "/readyz", health.ready, "Whether payments can be taken.", None,
        {200: ("health", "They can."), 503: ("health", "They can't: what is away is told.")},
        ("bad_request",),
    ),
)  # fmt: skip
