"""`POST /v1/payments`: checked, published and, if it is waited for, answered with a decision."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from functools import partial
from typing import Any, Final
from urllib.parse import quote

import msgspec
from starlette.responses import Response

from risk.console.api import body
from risk.console.api.asked import Asked
from risk.console.api.check import checked
from risk.console.api.known import Claim, Known
from risk.console.api.problem import Problem
from risk.console.api.stored import first_decision

_WAIT: Final = re.compile(r"([0-9]{1,9})(ms|s)")
GRACE_S: Final = 5.0
_encode = msgspec.json.Encoder().encode


async def post(asked: Asked) -> Response:
    """200 once all of them are decided; 202 once Kafka has all of them."""
    begun = time.monotonic()
    services = asked.services
    wait_s = waited(asked.query.get("wait"), services.settings.api.max_wait_ms)
    found = await body.items(asked.request, services.settings.api)
    if asked.key is not None:
        services.keyring.owe(asked.key, len(found.raws) - 1)
    payments = checked(found.raws, found.many, services.rules())
    services.sender.check(len(payments))
    claims = services.known.claim(payments, found.many, begun)
    await _sent(asked, claims, found.many)
    if wait_s:
        await _decided(asked, claims, begun + wait_s)
    return _answer(claims, found.many)


def waited(text: str | None, most_ms: int) -> float:
    """How long to wait, in seconds, as `200ms` or `2s`. Raises `Problem`."""
    if text is None:
        return 0.0
    found = _WAIT.fullmatch(text)
    wait_ms = int(found[1]) * (1_000 if found[2] == "s" else 1) if found else -1
    if not 0 <= wait_ms <= most_ms:
        raise Problem(
            "bad_request",
            f"wait: give a time such as 200ms or 2s, up to {most_ms}ms (api.max_wait_ms)",
            parameter="wait",
        )
    return wait_ms / 1_000


def location(user_id: str, event_id: str) -> str:
    """Where to ask for a payment."""
    return f"/v1/payments/{quote(user_id, safe='')}/{quote(event_id, safe='')}"


async def _sent(asked: Asked, claims: Sequence[Claim], many: bool) -> None:
    """Publish what is new, and wait until Kafka has all of them. Raises `Problem`."""
    services = asked.services
    messages = [
        (
            claim.payment.txn.user_id,
            claim.payment.message,
            partial(services.known.acknowledged, claim.payment.identity, claim.known),
        )
        for claim in claims
        if claim.send
    ]
    if messages:
        services.sender.send(messages, asked.by)
    pending = {claim.known.acked for claim in claims if claim.known.acked is not None}
    if pending:
        # The client says so itself when its time is over: this is for one that says nothing.
        limit_s = services.settings.api.delivery_timeout_ms / 1_000 + GRACE_S
        await asyncio.wait(pending, timeout=limit_s)
    unknown = [index for index, claim in enumerate(claims) if claim.known.state != "sent"]
    if unknown:
        raise _unknown(claims, unknown, many)


def _unknown(claims: Sequence[Claim], unknown: Sequence[int], many: bool) -> Problem:
    why = claims[unknown[0]].known.error or "no answer"
    what = f"{len(unknown)} of {len(claims)} payments" if many else "the payment"
    states = [
        {"index": index, "state": "unknown" if claim.known.state != "sent" else "accepted"}
        for index, claim in enumerate(claims)
    ]
    return Problem(
        "delivery_unknown",
        f"kafka: {why}: whether it has {what} is unknown: sending it again is safe, as the same "
        "payment counts once",
        payments=states if many else None,
    )


async def _decided(asked: Asked, claims: Sequence[Claim], deadline: float) -> None:
    """Wait until all are decided, or it is time to answer."""
    pending = []
    for claim in claims:
        if claim.known.decision is None:
            if claim.known.decided is None:
                claim.known.decided = asyncio.get_running_loop().create_future()
            pending.append(claim.known.decided)
    if not pending:
        return
    if len(claims) == 1 and claims[0].again and claims[0].known.decision is None:
        # Decided before this process began: then it doesn't come once more.
        await _looked_up(asked, claims[0], deadline)
    left = deadline - time.monotonic()
    if left > 0:
        await asyncio.wait(set(pending), timeout=left)


async def _looked_up(asked: Asked, claim: Claim, deadline: float) -> None:
    looked = asyncio.create_task(
        asyncio.to_thread(first_decision, asked.services.settings, claim.payment.txn)
    )
    done, _ = await asyncio.wait({looked}, timeout=max(0.0, deadline - time.monotonic()))
    if done and (told := looked.result()) is not None:
        asked.services.known.decided(
            claim.payment.identity, claim.payment.txn.event_time, _encode(told)
        )


def _answer(claims: Sequence[Claim], many: bool) -> Response:
    all_decided = all(claim.known.decision is not None for claim in claims)
    status = 200 if all_decided else 202
    told = [_told(claim) for claim in claims]
    headers = {"cache-control": "no-store"}
    if many:
        content = _encode({"payments": told})
    else:
        content = _encode(told[0])
        headers["location"] = told[0]["location"]
    return Response(content, status, headers, body.JSON)


def _told(claim: Claim) -> dict[str, Any]:
    """What is told of a payment."""
    txn, known = claim.payment.txn, claim.known
    found = {
        "status": "accepted" if known.decision is None else "decided",
        "known": claim.again,
        "user_id": txn.user_id,
        "event_id": txn.event_id,
        "event_time": txn.event_time,
        "location": location(txn.user_id, txn.event_id),
    }
    return found | _decision(known)


def _decision(known: Known) -> dict[str, Any]:
    return {} if known.decision is None else {"decision": msgspec.Raw(known.decision)}
