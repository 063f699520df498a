"""The states of a change of rules, and which step leads where for whom. Pure.

```
          propose              approve
  draft ───────────► proposed ───────────► approved
    │ ▲  take back, reject │
    │ └────────────────────┘
    └── withdraw ──► withdrawn
```

A draft is its author's alone. Whoever approves is a lead, and another person than the author.
"""

from __future__ import annotations

from typing import Final, Literal, get_args

from risk.ops.actor import ROLES, Actor
from risk.ops.refusal import NotAllowed, WrongState
from risk.registry.rule_changes import Change, State

Step = Literal["save", "propose", "take_back", "withdraw", "approve", "reject"]
STEPS: Final[tuple[Step, ...]] = get_args(Step)
_FROM: Final[dict[Step, State]] = {
    "save": "draft",
    "propose": "draft",
    "withdraw": "draft",
    "take_back": "proposed",
    "approve": "proposed",
    "reject": "proposed",
}
TO: Final[dict[Step, State]] = {
    "save": "draft",
    "propose": "proposed",
    "withdraw": "withdrawn",
    "take_back": "draft",
    "approve": "approved",
    "reject": "draft",
}
_LEADS: Final[tuple[Step, ...]] = ("approve", "reject")


def may_draft(actor: Actor) -> None:
    """Raise `NotAllowed` if the actor may not draft changes."""
    if actor.role not in ROLES[1:]:
        raise NotAllowed(f"draft: a {actor.role} reads only")


def check(change: Change, step: Step, actor: Actor) -> None:
    """Raise `NotAllowed` or `WrongState` if the actor may not take this step now."""
    may_draft(actor)
    if step in _LEADS:
        if not actor.leads:
            raise NotAllowed(f"{step}: that is for a lead")
        if change.author == actor.name:
            raise NotAllowed(f"{step}: the change is yours: another person looks at it")
    elif change.author != actor.name:
        raise NotAllowed(f"{step}: the change is {change.author}'s: draft one of your own")
    if change.state != _FROM[step]:
        raise WrongState(f"{step}: the change is {change.state}")


def allowed(change: Change, actor: Actor) -> frozenset[Step]:
    """The steps that the actor may take now, for buttons."""
    found: set[Step] = set()
    for step in STEPS:
        try:
            check(change, step, actor)
        except (NotAllowed, WrongState):
            continue
        found.add(step)
    return frozenset(found)
