"""`GET /v1/payments/{user}/{event}`: what the stores know of a payment, as the key may see it."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import msgspec
from starlette.responses import Response

from risk.audit.record import Payment, Record, record
from risk.config.settings import Settings
from risk.console.api.accesses import sees_all
from risk.console.api.asked import Asked
from risk.console.api.decisions import TOLD
from risk.console.api.masking import masked
from risk.console.api.problem import Problem
from risk.engine.delivery import Unavailable
from risk.engine.payment import names
from risk.engine.payment.transaction import Transaction
from risk.engine.privacy import Masks, of_api
from sinks import registry
from sinks.postgres.event import find
from sinks.store import Archives

MOST_ID: Final = 128  # characters
PENDING_S: Final = 1


async def get(asked: Asked) -> Response:
    """200, also while Kafka alone has it (`pending`); 404 if nobody knows of it."""
    user_id, event_id = asked.path["user"], asked.path["event"]
    if not (_can_be(user_id) and _can_be(event_id)):
        raise _not_found()
    by = of_api(asked.services.settings.privacy)
    found = await asyncio.to_thread(record, asked.services.settings, event_id, user_id)
    seen = [((user_id, event_id, one.event_time), one.transaction) for one in found.payments]
    sensitive = await sees_all(asked, seen, by)
    told = [as_told(one, sensitive, by) for one in found.payments]
    headers = {"cache-control": "no-store"}
    known = asked.services.known.get((user_id, event_id))
    if not any(one["decisions"] for one in told) and known and known.state == "sent":
        headers["retry-after"] = str(PENDING_S)
        status = "pending"
    elif told:
        status = "stored"
    elif away := _away(found):
        raise Problem("store_unavailable", f"{away}: ask again")
    else:
        raise _not_found()
    content = {
        "status": status,
        "user_id": user_id,
        "event_id": event_id,
        "payments": told,
        "stores": found.stored,
    }
    return Response(msgspec.json.encode(content), 200, headers, "application/json")


def as_told(one: Payment, sensitive: bool, by: Masks) -> dict[str, Any]:
    """A payment of the stores: the latest revision of each ruleset's version, live ones first."""
    told = masked(msgspec.to_builtins(one), sensitive, by)
    return {
        "event_time": told["event_time"],
        "late": told["late"],
        "late_by": told["late_by"],
        "behind": told["behind"],
        "transaction": told["transaction"],
        "decisions": [
            {name: value for name, value in score.items() if name not in ("user_id", "event_time")}
            for score in told["scores"]
        ],
        "feedback": told["feedback"],
    }


def first_decision(settings: Settings, txn: Transaction) -> dict[str, Any] | None:
    """The live decision that Postgres has of a payment, as `POST` tells it; None if none or away.

    Of several rulesets, which were live one after the other, the first.
    """
    try:
        found = find(settings, txn.event_id, txn.user_id).scores
    except Unavailable:
        return None
    live = [one for one in found if one.kind == "live" and one.event_time == txn.event_time]
    first = min(live, key=lambda one: one.scored_at, default=None)
    return None if first is None else {name: getattr(first, name) for name in TOLD}


def _can_be(text: str) -> bool:
    """Whether any payment can have that id."""
    return 0 < len(text) <= MOST_ID and names.fault("id", text) is None


def _away(found: Record) -> str:
    """Why a store that has all payments couldn't be asked; empty if each of them could."""
    for name in registry.names():
        words = found.stored.get(name, "")
        if words.startswith(f"{name}: ") and isinstance(registry.load(name), Archives):
            return words.partition("\n")[0]
    return ""


def _not_found() -> Problem:
    return Problem("not_found", "no payment of this user has that event_id")
