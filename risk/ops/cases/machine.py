"""The states of a case, and which step leads where for whom. Pure: time is passed in.

```
            claim              close                 approve
  open ───────────► claimed ───────────► (pending) ───────────► closed
   ▲ ▲    release      │ ▲     undo, reject │                     │
   │ └─────────────────┘ └──────────────────┴──────── undo ───────┤
   └──────────────────────────── reopen ──────────────────────────┘
```

`snooze` puts an open or claimed case aside until a moment, or until something new comes; `escalate`
hands it to the leads. A case that somebody has is nobody else's to change, but a lead may assign or
release it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final, Literal, NamedTuple, get_args

import msgspec
from msgspec.structs import replace

from risk.ops.actor import ROLES, Actor
from risk.ops.refusal import Invalid, NotAllowed, Taken, WrongState
from risk.registry.cases.records import Level, State

Step = Literal[
    "claim", "release", "assign", "escalate", "snooze", "wake", "close", "approve", "reject",
    "undo", "reopen",
]  # fmt: skip
STEPS: Final[tuple[Step, ...]] = get_args(Step)
LONGEST_SNOOZE: Final = timedelta(days=90)
_LEADS: Final[frozenset[Step]] = frozenset(("approve", "reject"))
_BEFORE: Final[dict[Step, tuple[State, ...]]] = {
    "claim": ("open", "claimed", "snoozed"),
    "release": ("claimed", "snoozed"),
    "assign": ("open", "claimed", "snoozed"),
    "escalate": ("open", "claimed", "snoozed"),
    "snooze": ("open", "claimed", "snoozed"),
    "wake": ("snoozed",),
    "close": ("open", "claimed", "snoozed"),
    "approve": ("pending",),
    "reject": ("pending",),
    "undo": ("pending", "closed"),
    "reopen": ("closed",),
}


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What steps change of a case."""

    state: State = "open"
    level: Level = "analyst"
    assignee: str | None = None
    snoozed_until: datetime | None = None
    verdict: str | None = None
    reason: str = ""
    judged_by: str | None = None
    approved_by: str | None = None


class Move(NamedTuple):
    """A step with what it needs: assign `to`, snooze `until`, close with `verdict` and `reason`.

    `now` is when it is done. `needs_approval`: a close of this role's, of this case, does.
    """

    step: Step
    now: datetime
    to: str | None = None
    until: datetime | None = None
    verdict: str | None = None
    reason: str = ""
    needs_approval: bool = False


def after(case: Standing, move: Move, actor: Actor) -> Standing:
    """The case after a step; equal to `case` where it changes nothing. Raises `Refusal`."""
    check(case, move.step, actor)
    return _TO[move.step](case, move, actor)


def check(case: Standing, step: Step, actor: Actor) -> None:
    """Raise `Refusal` if the actor may not take this step of the case as it stands."""
    _check_role(case, step, actor)
    if case.state not in _BEFORE[step]:
        raise WrongState(f"{step}: the case is {case.state}: {_instead(case.state)}")
    if step == "escalate" and case.level == "lead":
        raise WrongState("escalate: it is with the leads already")
    if step == "wake":
        return
    if case.state in ("claimed", "snoozed") and case.assignee not in (None, actor.name):
        if step not in ("assign", "release") or not actor.leads:
            raise Taken(f"{step}: {case.assignee} has the case: a lead may assign it to you")
    elif step == "release" and case.assignee is None:
        raise WrongState("release: nobody has the case")


def allowed(case: Standing, actor: Actor) -> list[Step]:
    """The steps that the actor may take now, for buttons and keys."""
    found = []
    for step in STEPS:
        try:
            check(case, step, actor)
        except (NotAllowed, Taken, WrongState):
            continue
        found.append(step)
    return found


def may_note(case: Standing, actor: Actor) -> None:
    """Raise `NotAllowed` if the actor may not add notes. Whoever works on cases may, to each."""
    if actor.role not in ROLES[1:]:
        raise NotAllowed(f"note: a {actor.role} reads only")


def needs_approval(four_eyes: str, least_stake: int, actor: Actor, stake: float) -> bool:
    """Whether a close needs another person: `four_eyes` is the highest role that it holds for."""
    if four_eyes == "none" or stake < least_stake:
        return False
    ranks = ("analyst", "lead", "admin")
    return actor.role in ranks and ranks.index(actor.role) <= ranks.index(four_eyes)


def _check_role(case: Standing, step: Step, actor: Actor) -> None:
    if actor.role == "system":
        if step != "wake":
            raise NotAllowed(f"{step}: a person does that")
    elif step == "wake":
        raise NotAllowed("wake: it wakes by itself: claim it")
    elif actor.role not in ROLES[1:]:
        raise NotAllowed(f"{step}: a {actor.role} reads only")
    elif not actor.leads:
        if step in _LEADS:
            raise NotAllowed(f"{step}: that is for a lead")
        if case.level == "lead" and not (step == "undo" and case.judged_by == actor.name):
            raise NotAllowed(f"{step}: the case was escalated: that is for a lead")
        if step == "undo" and case.judged_by not in (None, actor.name):
            raise NotAllowed(f"undo: the verdict is {case.judged_by}'s: that is for a lead")
    if step in _LEADS and case.judged_by == actor.name:
        raise NotAllowed(f"{step}: the verdict is yours: another person looks at it")


def _claim(case: Standing, move: Move, actor: Actor) -> Standing:
    return replace(case, state="claimed", assignee=actor.name, snoozed_until=None)


def _release(case: Standing, move: Move, actor: Actor) -> Standing:
    return replace(case, state="open", assignee=None, snoozed_until=None)


def _assign(case: Standing, move: Move, actor: Actor) -> Standing:
    if not move.to:
        raise Invalid("assign: say to whom")
    if move.to != actor.name and not actor.leads:
        raise NotAllowed("assign: to others that is for a lead: claim it, or escalate it")
    return replace(case, state="claimed", assignee=move.to, snoozed_until=None)


def _escalate(case: Standing, move: Move, actor: Actor) -> Standing:
    return replace(case, state="open", level="lead", assignee=None, snoozed_until=None)


def _snooze(case: Standing, move: Move, actor: Actor) -> Standing:
    if move.until is None or not move.now < move.until <= move.now + LONGEST_SNOOZE:
        raise Invalid(f"snooze: until a moment in the next {LONGEST_SNOOZE.days} days")
    return replace(case, state="snoozed", snoozed_until=move.until)


def _wake(case: Standing, move: Move, actor: Actor) -> Standing:
    return replace(case, state="claimed" if case.assignee else "open", snoozed_until=None)


def _close(case: Standing, move: Move, actor: Actor) -> Standing:
    if move.verdict not in ("fraud", "legitimate"):
        raise Invalid("close: the verdict is fraud or legitimate")
    return replace(
        case,
        state="pending" if move.needs_approval else "closed",
        assignee=actor.name,
        snoozed_until=None,
        verdict=move.verdict,
        reason=move.reason,
        judged_by=actor.name,
    )


def _approve(case: Standing, move: Move, actor: Actor) -> Standing:
    return replace(case, state="closed", approved_by=actor.name)


def _reject(case: Standing, move: Move, actor: Actor) -> Standing:
    return _unjudged(case, "claimed", case.judged_by)


def _undo(case: Standing, move: Move, actor: Actor) -> Standing:
    return _unjudged(case, "claimed", actor.name)


def _reopen(case: Standing, move: Move, actor: Actor) -> Standing:
    return _unjudged(case, "open", None)


def _unjudged(case: Standing, state: State, assignee: str | None) -> Standing:
    return Standing(state=state, level=case.level, assignee=assignee)


def _instead(state: State) -> str:
    return {
        "open": "claim it first",
        "claimed": "release or close it",
        "snoozed": "claim it first",
        "pending": "another person has to approve or reject its verdict",
        "closed": "undo its verdict, or reopen it",
    }[state]


_TO: Final[dict[Step, Callable[[Standing, Move, Actor], Standing]]] = {
    "claim": _claim,
    "release": _release,
    "assign": _assign,
    "escalate": _escalate,
    "snooze": _snooze,
    "wake": _wake,
    "close": _close,
    "approve": _approve,
    "reject": _reject,
    "undo": _undo,
    "reopen": _reopen,
}


def standing_of(case: Any) -> Standing:
    """What steps change, of a whole case."""
    return Standing(**{name: getattr(case, name) for name in Standing.__struct_fields__})
