"""Takes a batch of alerts into cases: in one transaction, and the same again is nothing."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

import msgspec

from risk.config.settings import Settings
from risk.engine.messages import Alert
from risk.engine.payment.currencies import MAJOR_UNIT
from risk.ops.actor import SYSTEM
from risk.ops.cases.placing import (
    HOUR_MS,
    Board,
    Identity,
    Link,
    OpenLink,
    identity,
    links,
    replaces,
)  # fmt: skip
from risk.ops.cases.steps import Where
from risk.registry import erasures, outbox
from risk.registry.cases import intake, store
from risk.registry.cases.session import within
from risk.registry.session import Cursor

NAMED: Final = 10  # payments in a line of the trail
_NUL: Final = "\\u0000"


class Taken(msgspec.Struct):
    """What became of alerts. `known` ones said nothing new."""

    opened: int = 0  # cases
    added: int = 0  # alerts
    corrected: int = 0
    known: int = 0
    erased: int = 0  # their user was


class _Plan:
    """What is to be written, and by case what its trail is to say."""

    def __init__(self) -> None:
        self.opened: list[dict[str, Any]] = []
        self.alerts: dict[Identity, dict[str, Any]] = {}
        self.links: list[dict[str, Any]] = []
        self.told: dict[int, dict[str, list[str]]] = {}

    def tell(self, case_id: int, step: str, event_id: str) -> None:
        self.told.setdefault(case_id, {}).setdefault(step, []).append(event_id)


def take_in(where: Where, settings: Settings, alerts: Sequence[Alert]) -> Taken:
    """Open cases for alerts, add to those that are open, and correct what is known.

    Raises `Unavailable`.
    """
    taken = Taken()
    if not alerts:
        return taken
    with within(where) as cursor:
        intake.begin(cursor)
        kept, gone = erasures.among(cursor, alerts).split(alerts)
        alerts, taken.erased = [alerts[at] for at in kept], len(gone)
        identities = [identity(alert) for alert in alerts]
        known = intake.known(cursor, list(dict.fromkeys(identities)))
        asked = dict.fromkeys(link for alert in alerts for link in links(alert))
        found = [
            OpenLink(Link(kind, value), case_id, user, time)
            for kind, value, case_id, user, time in intake.open_links(cursor, asked)
        ]
        states = intake.lock(
            cursor, {one.case_id for one in found} | {case for case, _, _ in known.values()}
        )
        plan = _planned(cursor, settings, alerts, known, found, states, taken)
        if plan.told:
            _write(cursor, settings, plan, states)
    return taken


def _planned(
    cursor: Cursor,
    settings: Settings,
    alerts: Sequence[Alert],
    known: dict[tuple[str, str, int, str, int], tuple[int, int, bool]],
    found: Sequence[OpenLink],
    states: dict[int, str],
    taken: Taken,
) -> _Plan:
    # Between being found and being locked, a case may have been closed.
    still_open = [one for one in found if states.get(one.case_id) not in (None, "closed")]
    rule, plan = settings.cases, _Plan()
    board = Board(rule.ring_hours * HOUR_MS, rule.ring_users, still_open)
    ids = iter(intake.reserve(cursor, sum(identity(one) not in known for one in alerts)))
    for alert in alerts:
        which = identity(alert)
        if which in known:
            case_id, revision, late = known[which]
            if not replaces(alert, revision, late):
                taken.known += 1
                continue
            taken.corrected += 1
            plan.tell(case_id, "correct", which.event_id)
        else:
            case_id, new = board.place(alert, lambda: next(ids))
            if new:
                taken.opened += 1
                plan.opened.append({"id": case_id, "user_id": alert.user_id})
                plan.told[case_id] = {"open": []}
            taken.added += 1
            plan.tell(case_id, "alert", which.event_id)
            plan.links += [
                {
                    "kind": link.kind,
                    "value": link.value,
                    "case_id": case_id,
                    "user_id": alert.user_id,
                    "event_time": alert.event_time,
                }
                for link in links(alert)
            ]
        known[which] = case_id, alert.revision, alert.late
        plan.alerts[which] = _row(alert, which, case_id)
    return plan


def _write(cursor: Cursor, settings: Settings, plan: _Plan, states: dict[int, str]) -> None:
    rule = settings.cases
    intake.write(cursor, plan.opened, [*plan.alerts.values()], plan.links)
    minutes = rule.block_due_minutes, rule.review_due_minutes
    told = settings.outbox
    for case in sorted(intake.refresh(cursor, plan.told, *minutes)):
        before = states.get(case.id, "")
        for step, events in plan.told[case.id].items():
            detail = {"payments": events[:NAMED], "count": len(events)} if events else {}
            moved = before, case.state
            store.append(
                cursor, case.id, case.revision, (SYSTEM.name, SYSTEM.role), step, moved, detail
            )
            before = case.state
    if told.destinations:
        outbox.tell(cursor, plan.told, told.destinations, told.decisions)


def _row(alert: Alert, which: Identity, case_id: int) -> dict[str, Any]:
    payment = alert.transaction
    return {
        **which._asdict(),
        "case_id": case_id,
        "revision": alert.revision,
        "late": alert.late,
        "score": alert.score,
        "decision": alert.decision,
        "rules": [reason.rule for reason in alert.reasons],
        "reasons": _json(alert.reasons),
        "payment": _json(payment),
        "amount": payment.amount,
        "currency": payment.currency,
        "stake": Decimal(payment.amount) / MAJOR_UNIT[payment.currency],
        "country": payment.country,
        "run_id": alert.run_id,
        "raised_at": alert.raised_at,
    }


def _json(value: Any) -> str:
    """As Postgres takes it: it has no text with a NUL, which an undeclared attribute may hold."""
    text = msgspec.json.encode(value).decode()
    return (
        msgspec.json.encode(_without_nul(msgspec.to_builtins(value))).decode()
        if (_NUL in text)
        else text
    )


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "\ufffd")
    if isinstance(value, dict):
        return {_without_nul(key): _without_nul(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nul(one) for one in value]
    return value
