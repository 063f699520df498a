"""The steps of one case: each is one transaction, with its line in the audit trail.

Each takes the settings, or a cursor whose transaction it is a part of; who acts; and the case's
`revision` as the actor saw it: a step on a case that has changed since is refused. What changes
nothing, such as claiming one's own, leaves no line. All raise `Refusal` and `Unavailable`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from risk.config.settings import Settings
from risk.ops.actor import Actor
from risk.ops.cases import machine
from risk.ops.cases.machine import Move, Step
from risk.ops.cases.texts import checked_name, checked_text
from risk.ops.refusal import Invalid, NotFound, Stale
from risk.registry import outbox
from risk.registry.cases import store, verdicts
from risk.registry.cases.records import Case
from risk.registry.cases.session import within
from risk.registry.outbox import Action
from risk.registry.session import Cursor

Where = Settings | Cursor


def claim(where: Where, case_id: int, actor: Actor, revision: int | None = None) -> Case:
    """Take a case that nobody has."""
    return _step(where, case_id, actor, revision, "claim")


def release(where: Where, case_id: int, actor: Actor, revision: int | None = None) -> Case:
    """Give a case back to the queue."""
    return _step(where, case_id, actor, revision, "release")


def assign(where: Where, case_id: int, actor: Actor, to: str, revision: int | None = None) -> Case:
    """Give a case to somebody: to others that is for a lead."""
    return _step(where, case_id, actor, revision, "assign", to=checked_name("to", to))


def escalate(
    where: Where, case_id: int, actor: Actor, reason: str = "", revision: int | None = None
) -> Case:
    """Hand a case to the leads."""
    return _step(where, case_id, actor, revision, "escalate", reason=checked_text(reason))


def snooze(
    where: Where, case_id: int, actor: Actor, until: datetime, revision: int | None = None
) -> Case:
    """Put a case aside until a moment, or until a new alert of it comes."""
    if until.tzinfo is None:
        raise Invalid("snooze: the moment has no time zone")
    return _step(where, case_id, actor, revision, "snooze", until=until)


def approve(settings: Settings, case_id: int, actor: Actor, revision: int | None = None) -> Case:
    """Let a verdict that needs another person count."""
    with within(settings) as cursor:
        case = _step(cursor, case_id, actor, revision, "approve")
        _say(cursor, settings, case)
        return case


def reject(
    where: Where, case_id: int, actor: Actor, reason: str = "", revision: int | None = None
) -> Case:
    """Give a verdict that needs another person back to whom it is of."""
    return _step(where, case_id, actor, revision, "reject", reason=checked_text(reason))


def close(
    settings: Settings,
    case_id: int,
    actor: Actor,
    verdict: str,
    reason: str = "",
    revision: int | None = None,
    cursor: Cursor | None = None,
) -> Case:
    """Judge a case: all its payments get the verdict, or, where another person has to approve it,
    will get it then. With a `cursor` it is a part of that transaction.

    The verdicts are sent to risk.feedback by the intake, `cases.undo_s` seconds later.
    """
    reason = checked_text(reason)
    with within(cursor or settings) as own:
        before = _found(own, case_id, actor, revision)
        rule = settings.cases
        needs = machine.needs_approval(rule.four_eyes, rule.four_eyes_stake, actor, before.stake)
        case = _take(
            own, before, actor, "close", verdict=verdict, reason=reason, needs_approval=needs
        )
        _say(own, settings, case)
        return case


def undo(
    where: Where, case_id: int, actor: Actor, reason: str = "", revision: int | None = None
) -> Case:
    """Take a verdict back: the case is the actor's again.

    What wasn't sent yet never is. What was sent stays in risk.feedback, as all that was said does:
    a payment that had another verdict of an analyst before gets that again, and any other keeps
    this one until it gets the next.
    """
    reason = checked_text(reason)
    with within(where) as cursor:
        before = _found(cursor, case_id, actor, revision)
        machine.check(machine.standing_of(before), "undo", actor)
        unsent, restored = 0, 0
        if before.state == "closed":
            unsent, restored = verdicts.undo(cursor, case_id, actor.name, reason)
        detail = {"verdict": before.verdict, "unsent": unsent, "restored": restored}
        return _take(cursor, before, actor, "undo", detail, reason=reason)


def reopen(
    where: Where, case_id: int, actor: Actor, reason: str = "", revision: int | None = None
) -> Case:
    """Put a closed case back into the queue. Its verdict holds until there is another."""
    return _step(where, case_id, actor, revision, "reopen", reason=checked_text(reason))


def wake(cursor: Cursor, case: Case, actor: Actor) -> Case:
    """End the snooze of a case that is locked."""
    return _take(cursor, case, actor, "wake")


def take(cursor: Cursor, case: Case, actor: Actor) -> Case:
    """Claim a case that is locked."""
    return _take(cursor, case, actor, "claim")


def _step(
    where: Where, case_id: int, actor: Actor, revision: int | None, step: Step, **needs: Any
) -> Case:
    with within(where) as cursor:
        return _take(cursor, _found(cursor, case_id, actor, revision), actor, step, **needs)


def _found(cursor: Cursor, case_id: int, actor: Actor, revision: int | None) -> Case:
    """The case, locked."""
    checked_name("who", actor.name)
    case = store.lock(cursor, case_id)
    if case is None:
        raise NotFound(f"there is no case {case_id}")
    if revision is not None and case.revision != revision:
        raise Stale(f"case {case_id} has changed since: look at it again")
    return case


def _take(
    cursor: Cursor,
    case: Case,
    actor: Actor,
    step: Step,
    more: Mapping[str, Any] | None = None,
    **needs: Any,
) -> Case:
    """The step of a case that is locked, and its line in the trail."""
    standing = machine.standing_of(case)
    found = machine.after(standing, Move(step, datetime.now(UTC), **needs), actor)
    if found == standing:
        return case
    changed = store.update(cursor, case.id, msgspec.structs.asdict(found))
    detail: dict[str, Any] = dict(more or {})
    for name in ("to", "until", "verdict", "reason"):
        if value := needs.get(name):
            detail[name] = value.isoformat() if isinstance(value, datetime) else value
    if case.assignee != changed.assignee:
        detail |= {"assignee_from": case.assignee, "assignee_to": changed.assignee}
    states = case.state, changed.state
    store.append(cursor, case.id, changed.revision, (actor.name, actor.role), step, states, detail)
    outbox.follow(cursor, case.id, _told(changed))
    return changed


def _told(case: Case) -> Action:
    """What other systems are told of a case in this state."""
    if case.state == "closed":
        return "resolve"
    return "open" if case.assignee is None else "acknowledge"


def _say(cursor: Cursor, settings: Settings, case: Case) -> None:
    """Have the verdicts of a case that was closed sent, in the name of who judged it."""
    if case.state == "closed" and case.verdict and case.judged_by:
        undo_s = settings.cases.undo_s
        verdicts.say(cursor, case.id, case.judged_by, case.verdict, case.reason, undo_s)
