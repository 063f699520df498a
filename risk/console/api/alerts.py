"""`GET /v1/alerts`: what was flagged, the latest payment first, page by page."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Final, get_args
from urllib.parse import urlencode

import msgspec
from starlette.responses import Response

from risk.audit.moments import instant
from risk.console.api import masking
from risk.console.api.accesses import sees_all
from risk.console.api.asked import Asked
from risk.console.api.problem import Problem, unavailable
from risk.engine.delivery import Unavailable
from risk.engine.messages import Decision
from risk.engine.payment.identity import payment_key
from risk.engine.privacy import Masks, of_api
from sinks.postgres.alerts import FIRST, Place, Wanted, alerts, place

DECISIONS: Final = tuple(one for one in get_args(Decision) if one != "ALLOW")
DEFAULT, MOST = 50, 500
MOST_TEXT: Final = 128
_CURSOR: Final = msgspec.json.Decoder(tuple[str, int, str, str, str, int])


async def get(asked: Asked) -> Response:
    """200 with a page; `next` is where to go on, and null on the last page."""
    query = asked.query
    wanted, limit = filters(query), _whole(query, "limit", 1, MOST, DEFAULT)
    after = read_cursor(query["cursor"], wanted) if "cursor" in query else FIRST
    try:
        rows, more = await asyncio.to_thread(
            alerts, asked.services.settings, wanted, after, limit or DEFAULT
        )
    except Unavailable as error:
        raise unavailable(error) from None
    by = of_api(asked.services.settings.privacy)
    seen = [
        ((row["user_id"], row["event_id"], row["event_time"]), row["transaction"]) for row in rows
    ]
    sensitive = await sees_all(asked, seen, by)
    cursor = write_cursor(place(rows[-1]), wanted) if more else None
    kept = {name: value for name, value in query.items() if name != "cursor"}
    content = {
        "alerts": [as_told(row, sensitive, by) for row in rows],
        "cursor": cursor,
        "next": f"/v1/alerts?{urlencode({**kept, 'cursor': cursor})}" if cursor else None,
    }
    headers = {"cache-control": "no-store"}
    return Response(msgspec.json.encode(content), 200, headers, "application/json")


def as_told(row: Mapping[str, Any], sensitive: bool, by: Masks) -> dict[str, Any]:
    """An alert as the key may see it."""
    txn = row["transaction"]
    told = {"alert_id": payment_key(row["user_id"], row["event_id"], row["event_time"]), **row}
    if txn is not None and not sensitive:
        told["transaction"] = masking.transaction(txn, by)
        told["reasons"] = masking.reasons(row["reasons"], masking.quotes(txn, by))
    return told


def filters(query: Mapping[str, str]) -> Wanted:
    """What is asked for. Raises `Problem`."""
    decision = query.get("decision")
    if decision is not None and decision not in DECISIONS:
        raise _wrong("decision", f"one of {', '.join(DECISIONS)}")
    for name in ("user_id", "ruleset"):
        if name in query and (not 0 < len(query[name]) <= MOST_TEXT or "\0" in query[name]):
            raise _wrong(name, f"1 to {MOST_TEXT} characters")
    times = {}
    for name in ("from", "to"):
        if name in query:
            times[name] = instant(query[name])
            if times[name] is None or not 0 <= (times[name] or 0) < 2**53:
                raise _wrong(name, "a time such as 2025-03-01T12:00, or ms since 1970 in UTC")
    return Wanted(
        decision,
        query.get("user_id"),
        query.get("ruleset"),
        _whole(query, "min_score", 0, 100),
        times.get("from"),
        times.get("to"),
    )


def write_cursor(at: Place, wanted: Wanted) -> str:
    """A place in the pages of what is wanted, as a text."""
    raw = msgspec.json.encode((_mark(wanted), *at))
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def read_cursor(text: str, wanted: Wanted) -> Place:
    """The place. Raises `Problem`, also for one that belongs to other filters."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        mark, moment, event, user, ruleset, version = _CURSOR.decode(raw)
        if not (0 <= moment < 2**63 and 0 <= version < 2**31) or "\0" in event + user + ruleset:
            raise ValueError
    except (ValueError, msgspec.DecodeError):
        raise _wrong("cursor", "the cursor that the page before gave") from None
    if mark != _mark(wanted):
        raise _wrong("cursor", "the same filters as those of the page that gave it")
    return Place(moment, event, user, ruleset, version)


def _mark(wanted: Wanted) -> str:
    return blake2b(msgspec.json.encode(wanted), digest_size=6).hexdigest()


def _whole(
    query: Mapping[str, str], name: str, least: int, most: int, default: int | None = None
) -> int | None:
    text = query.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and least <= int(text) <= most):
        raise _wrong(name, f"a whole number from {least} to {most}")
    return int(text)


def _wrong(name: str, wanted: str) -> Problem:
    return Problem("bad_request", f"{name}: give {wanted}", parameter=name)
