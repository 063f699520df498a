"""`POST /v1/feedback`: what became of payments, by the same rules as `risk label`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from starlette.responses import Response

from risk.audit.moments import shown
from risk.console.api import body
from risk.console.api.asked import Asked
from risk.console.api.problem import Fault, Problem, of_faults, unavailable
from risk.engine.delivery import Unavailable
from risk.engine.payment import members, names
from risk.engine.payment.transaction import MAX_EVENT_TIME
from risk.engine.rules.errors import did_you_mean
from risk.errors import UserError
from risk.ops.feedback import table
from risk.ops.feedback.label import Labels, labels
from risk.ops.feedback.send import send
from risk.ops.feedback.table import COLUMNS, Row

IDS: Final = ("event_id", "user_id", "by")
TEXTS: Final = tuple(name for name in COLUMNS if name not in ("event_time", "known_at"))


async def post(asked: Asked) -> Response:
    """202: Kafka has all of it. A verdict whose payment isn't there yet waits for it."""
    services = asked.services
    found = await body.items(asked.request, services.settings.api, lines=False)
    if asked.key is not None:
        services.keyring.owe(asked.key, len(found.raws) - 1)
    rows = read_all(found.raws, found.many, asked.by)
    made = await asyncio.to_thread(_labels, asked, rows)
    if made.faults:
        faults = [Fault("invalid", _words(one), one.column, one.line) for one in made.faults]
        raise of_faults("invalid", faults, found.many)
    await asyncio.to_thread(_send, asked, made)
    told = [{**msgspec.to_builtins(one), "feedback_key": one.key} for one in made.messages]
    content = {"feedback": told} if found.many else told[0]
    return Response(msgspec.json.encode(content), 202, None, body.JSON)


def read_all(raws: Sequence[bytes], many: bool, key: str) -> list[Row]:
    """Each item's members as the rows of a file: lines count from 0. Raises `Problem`."""
    rows: list[Row] = []
    faults: list[Fault] = []
    for index, raw in enumerate(raws):
        said = _said(raw, index)
        if isinstance(said, Fault):
            faults.append(said)
            continue
        said["by"] = f"{key}/{said['by']}" if "by" in said else key
        rows.append(Row(index, said))
    if faults:
        unreadable = any(one.code == "not_json" for one in faults)
        raise of_faults("bad_request" if unreadable else "invalid", faults, many)
    return rows


def _said(raw: bytes, index: int) -> dict[str, str] | Fault:
    """The members of an item as texts; null is a member that isn't there."""
    try:
        found = members.read(raw)
    except members.Repeated as repeated:
        detail = f"{repeated}: stands twice: send every member once"
        return Fault("invalid", detail, str(repeated), index)
    except members.TooDeep:
        return Fault("not_json", "too many objects and lists, one in another", None, index)
    except (ValueError, RecursionError):
        return Fault("not_json", "not a JSON object in UTF-8", None, index)
    said: dict[str, str] = {}
    for name, value in found.items():
        shown_name = members.shown(name)
        if name not in COLUMNS:
            hint = did_you_mean(name, COLUMNS) or f": there are {', '.join(COLUMNS)}"
            return Fault(
                "invalid", f"{shown_name}: no member is called so{hint}", shown_name, index
            )
        if value is None:
            continue
        if wrong := _fault(name, value):
            return Fault("invalid", f"{name}: {wrong}", name, index)
        said[name] = _text(value)
    return said


def _fault(name: str, value: Any) -> str | None:
    """What is wrong with a member's value, as far as it has to be right before it is looked up."""
    if name in TEXTS:
        if not isinstance(value, str) or isinstance(value, members.Numeral):
            return "expected a text"
        if not value.strip():
            return "it is empty: leave it out"
        told = names.fault(name, value) if name in IDS else None
        return told and told.partition(": ")[2]
    if isinstance(value, bool | dict | list | float | members.Numeral):
        return "expected ms since 1970 in UTC, or a text such as 2025-03-01T12:00"
    if isinstance(value, int) and not 0 <= value <= MAX_EVENT_TIME:
        return f"expected ms since 1970 in UTC, up to {MAX_EVENT_TIME}"
    return None


def _text(value: Any) -> str:
    """As a file has it: of a small number, which is no date, the moment in words."""
    if not isinstance(value, int):
        return str(value)
    return str(value) if len(str(value)) > 8 else f"{shown(value)}Z".replace(" ", "T")


def _labels(asked: Asked, rows: Sequence[Row]) -> Labels:
    now = time.time_ns() // 1_000_000
    defaults = {"source": "analyst", "known_at": str(now)}
    try:
        return labels(asked.services.settings, rows, defaults, now)
    except Unavailable as error:
        then = "it knows the payments: give user_id and event_time, or send it again"
        raise unavailable(error, then) from None


def _send(asked: Asked, made: Labels) -> None:
    if asked.services.sender.away:
        detail = f"kafka: {asked.services.sender.away}: nothing was sent: send it again"
        raise Problem("kafka_unavailable", detail)
    try:
        send(asked.services.settings, made.messages)
    except UserError as error:
        raise Problem("delivery_unknown", f"{error}") from None


def _words(fault: table.Fault) -> str:
    return f"{fault.column}: {fault.message}" if fault.column else fault.message
