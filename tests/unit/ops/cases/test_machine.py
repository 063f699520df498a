"""A case's states: whatever people do, in whatever order, some things always hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from risk.ops.actor import SYSTEM, Actor
from risk.ops.cases.machine import (
    LONGEST_SNOOZE,
    STEPS,
    Move,
    Standing,
    Step,
    after,
    allowed,
    may_note,
    needs_approval,
)
from risk.ops.refusal import Invalid, NotAllowed, Refusal, Taken, WrongState

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=4)
ANA = Actor("ana", "analyst")
BEN = Actor("ben", "analyst")
LEA = Actor("lea", "lead")
LEO = Actor("leo", "lead")
ADA = Actor("ada", "admin")
VIC = Actor("vic", "viewer")
PEOPLE = (ANA, BEN, LEA, LEO, ADA, VIC)


def move(step: Step, **more: object) -> Move:
    """A step that lacks nothing."""
    usual: dict[str, object] = {
        "assign": {"to": "ben"},
        "snooze": {"until": LATER},
        "close": {"verdict": "fraud", "reason": "the customer called"},
    }.get(step, {})  # type: ignore[assignment]
    return Move(step, NOW, **{**usual, **more})  # type: ignore[arg-type]


def walk(*steps: tuple[Actor, Step], approval: bool = False) -> Standing:
    """The case after these steps."""
    case = Standing()
    for actor, step in steps:
        case = after(case, move(step, needs_approval=approval), actor)
    return case


moves = st.builds(
    move,
    st.sampled_from(STEPS),
    needs_approval=st.booleans(),
)


@given(st.lists(st.tuples(st.sampled_from((*PEOPLE, SYSTEM)), moves), max_size=30))
def test_whatever_is_done_a_case_holds_together(done: list[tuple[Actor, Move]]) -> None:
    case = Standing()
    for actor, one in done:
        open_to = allowed(case, actor)
        try:
            found = after(case, one, actor)
        except Refusal:
            continue
        assert one.step in open_to
        assert actor.role != "viewer"
        if case.level == "lead" and one.step not in ("undo", "wake"):
            assert actor.leads
        if case.assignee not in (None, actor.name) and case.state in ("claimed", "snoozed"):
            assert one.step == "wake" or (actor.leads and one.step in ("assign", "release"))
        case = found
        judged = case.state in ("pending", "closed")
        assert (case.state != "open") or case.assignee is None
        assert (case.state != "claimed") or case.assignee is not None
        assert (case.state == "snoozed") == (case.snoozed_until is not None)
        assert judged == (case.verdict is not None) == (case.judged_by is not None)
        assert case.approved_by is None or (
            case.state == "closed" and case.approved_by != case.judged_by
        )


def test_a_verdict_takes_one_step_and_is_undone_by_one() -> None:
    closed = walk((ANA, "close"))
    assert (closed.state, closed.verdict, closed.judged_by) == ("closed", "fraud", "ana")
    back = after(closed, move("undo"), ANA)
    assert back == Standing(state="claimed", assignee="ana")
    with pytest.raises(NotAllowed, match="the verdict is ana's"):
        after(closed, move("undo"), BEN)
    assert after(closed, move("undo"), LEA).assignee == "lea"


def test_what_somebody_has_nobody_else_takes() -> None:
    claimed = walk((ANA, "claim"))
    for step in ("claim", "close", "snooze", "escalate", "release", "assign"):
        with pytest.raises(Taken, match="ana has the case"):
            after(claimed, move(step), BEN)
    with pytest.raises(Taken):
        after(claimed, move("close"), LEA)
    assert after(claimed, move("assign"), LEA).assignee == "ben"
    assert after(claimed, move("release"), LEA) == Standing()
    assert after(claimed, move("claim"), ANA) == claimed


def test_an_escalated_case_is_for_leads() -> None:
    case = walk((ANA, "claim"), (ANA, "escalate"))
    assert case == Standing(level="lead")
    with pytest.raises(NotAllowed, match="escalated"):
        after(case, move("claim"), ANA)
    assert allowed(case, ANA) == []
    with pytest.raises(WrongState, match="with the leads already"):
        after(case, move("escalate"), LEA)
    assert after(case, move("close"), LEA).state == "closed"


def test_four_eyes_are_two_persons() -> None:
    case = walk((LEA, "close"), approval=True)
    assert (case.state, case.approved_by) == ("pending", None)
    with pytest.raises(NotAllowed, match="yours: another person"):
        after(case, move("approve"), LEA)
    with pytest.raises(NotAllowed, match="for a lead"):
        after(case, move("approve"), BEN)
    assert after(case, move("approve"), LEO).approved_by == "leo"
    assert after(case, move("reject"), ADA) == Standing(state="claimed", assignee="lea")
    assert after(case, move("undo"), LEA) == Standing(state="claimed", assignee="lea")


@pytest.mark.parametrize(
    ("four_eyes", "actor", "stake", "wanted"),
    [
        ("none", ANA, 1e9, False),
        ("analyst", ANA, 99, False),
        ("analyst", ANA, 100, True),
        ("analyst", LEA, 100, False),
        ("lead", LEA, 100, True),
        ("lead", ADA, 100, False),
        ("admin", ADA, 100, True),
    ],
)
def test_whose_verdict_needs_approval(
    four_eyes: str, actor: Actor, stake: float, wanted: bool
) -> None:
    assert needs_approval(four_eyes, 100, actor, stake) is wanted


def test_a_snoozed_case_comes_back_to_whom_it_was() -> None:
    assert after(walk((ANA, "claim"), (ANA, "snooze")), move("wake"), SYSTEM) == Standing(
        state="claimed", assignee="ana"
    )
    assert after(walk((ANA, "snooze")), move("wake"), SYSTEM) == Standing()
    with pytest.raises(NotAllowed, match="claim it"):
        after(walk((ANA, "snooze")), move("wake"), ANA)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (Move("assign", NOW), "to whom"),
        (Move("snooze", NOW), "next 90 days"),
        (Move("snooze", NOW, until=NOW), "next 90 days"),
        (Move("snooze", NOW, until=NOW + LONGEST_SNOOZE * 2), "next 90 days"),
        (Move("close", NOW, verdict="maybe"), "fraud or legitimate"),
    ],
)
def test_what_a_step_needs_is_named(wrong: Move, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        after(Standing(), wrong, LEA)


def test_a_viewer_may_nothing_and_all_others_note() -> None:
    for case in (Standing(), walk((ANA, "close")), walk((ANA, "claim"))):
        assert allowed(case, VIC) == []
    with pytest.raises(NotAllowed, match="a viewer reads only"):
        may_note(Standing(), VIC)
    for actor in (ANA, LEA, ADA):
        may_note(replace(Standing(), level="lead"), actor)


def test_reopening_makes_it_anybodys() -> None:
    assert after(walk((ANA, "close")), move("reopen"), BEN) == Standing()
    with pytest.raises(WrongState, match="the case is open: claim it first"):
        after(Standing(), move("reopen"), BEN)
