"""What the HTTP API is sent: headers and body of a POST, checked as its handlers check them."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from starlette.requests import Request

from risk.config.settings import Api, Settings
from risk.console.api import body
from risk.console.api.check import Rules, checked
from risk.console.api.feedback import read_all
from risk.console.api.known import content_of
from risk.console.api.problem import Problem
from risk.engine.payment.contract import Contract
from risk.ops.feedback.label import labels
from tests.fuzz.target import Target
from tests.fuzz.targets.feedback import MESSAGE
from tests.fuzz.targets.payment import DECLARED
from tests.fuzz.targets.payments import SEEDS as PAYMENTS
from tests.fuzz.targets.payments import START
from tests.fuzz.targets.payments import WORDS as PAYMENT_WORDS

LIMITS = Api(max_body_bytes=15_000, max_payments=30, body_timeout_ms=10_000)
RULES = Rules(START + 60_000, 60_000, 4_000, Contract("x:1", DECLARED, (), frozenset(DECLARED)))
RUNNER = asyncio.Runner()


def once(data: bytes) -> None:
    """The first lines, up to an empty one, are headers; the rest is the body."""
    head, _, content = data.partition(b"\n\n")
    headers = [
        (name.strip().lower(), value.strip())
        for name, sign, value in (line.partition(b":") for line in head.split(b"\n"))
        if sign
    ]
    try:
        _asked(headers, content)
    except Problem as problem:
        answer = problem.response()
        assert 400 <= answer.status_code < 500, problem.body
        assert len(answer.body) < 100_000
        raise


def _asked(headers: list[tuple[bytes, bytes]], content: bytes) -> None:
    async def receive() -> Any:
        return {"type": "http.request", "body": content, "more_body": False}

    scope = {"type": "http", "method": "POST", "headers": headers}
    found = RUNNER.run(body.items(Request(scope, receive), LIMITS))
    if (b"x-kind", b"feedback") in headers:
        rows = read_all(found.raws, found.many, "key")
        # Postgres would be asked for the others.
        sure = [one for one in rows if {"event_id", "user_id", "event_time"} <= one.said.keys()]
        made = labels(Settings(), sure, {"source": "analyst", "known_at": str(START)}, START)
        msgspec.json.encode([msgspec.to_builtins(one) for one in made.messages])
        "\n".join(map(str, made.faults))
        return
    for one in checked(found.raws, found.many, RULES):
        content_of(one)


ONE = b"content-type: application/json\n\n"
SEEDS = (
    *(ONE + one for one in PAYMENTS),
    ONE + b"[" + b",".join(PAYMENTS) + b"]",
    b"content-type: application/x-ndjson; charset=utf-8\n\n" + b"\n".join(PAYMENTS),
    b"x-kind: feedback\n" + ONE + MESSAGE.replace(b'"schema_version":1,', b""),
    b"x-kind: feedback\n" + ONE + b'[{"event_id":"e","user_id":"u","event_time":"2025-03-01",'
    b'"verdict":"fraud","note":"4111111111111111"}]',
)
WORDS = (
    *PAYMENT_WORDS,
    *("content-length: 99", "content-encoding: gzip", "content-type:", "charset=latin-1", "x-kind"),
    *("verdict", "fraud", "known_at", "note", "by", "source", "analyst"),
)
TARGET = Target("api", once, (Problem,), SEEDS, WORDS)
