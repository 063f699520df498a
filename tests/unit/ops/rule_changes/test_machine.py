"""Who may do what with a change of rules, in which state."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

import pytest
from msgspec.structs import replace

from risk.ops.actor import ROLES, Actor
from risk.ops.refusal import NotAllowed, WrongState
from risk.ops.rule_changes import machine
from risk.registry.rule_changes import Change, State

NOW = datetime(2026, 11, 30, tzinfo=UTC)
DRAFT = Change(
    kind="rule", ruleset="default", name="ip_burst", path="ip_burst.yaml", text="a", base_text="b",
    base_fingerprint="0" * 64, why="", author="ana", id=1, revision=1, state="draft", version=None,
    fingerprint="", patch="", backtest=None, approved_by=None, created_at=NOW, changed_at=NOW,
)  # fmt: skip
STATES: tuple[State, ...] = get_args(State)


def test_four_eyes_and_a_leads() -> None:
    proposed = replace(DRAFT, state="proposed")
    assert machine.allowed(DRAFT, Actor("ana", "analyst")) == {"save", "propose", "withdraw"}
    assert machine.allowed(DRAFT, Actor("lea", "lead")) == frozenset()
    assert machine.allowed(proposed, Actor("ana", "analyst")) == {"take_back"}
    assert machine.allowed(proposed, Actor("ben", "analyst")) == frozenset()
    assert machine.allowed(proposed, Actor("lea", "lead")) == {"approve", "reject"}
    with pytest.raises(NotAllowed, match="another person looks at it"):
        machine.check(proposed, "approve", Actor("ana", "admin"))


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("role", ROLES)
def test_what_always_holds(state: State, role: str) -> None:
    change = replace(DRAFT, state=state)
    for name in ("ana", "somebody"):
        steps = machine.allowed(change, Actor(name, role))  # type: ignore[arg-type]
        if role == "viewer" or state in ("approved", "withdrawn"):
            assert not steps
        if "approve" in steps:
            assert (state, name) == ("proposed", "somebody")
            assert role in ("lead", "admin")


def test_a_step_of_another_state_is_refused() -> None:
    with pytest.raises(WrongState, match="the change is draft"):
        machine.check(DRAFT, "approve", Actor("lea", "lead"))
