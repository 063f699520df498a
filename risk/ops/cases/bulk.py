"""One verdict on many cases: first how many it would be, then exactly these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from risk.config.settings import Settings
from risk.ops.actor import Actor
from risk.ops.cases import machine, steps
from risk.ops.cases.steps import Where
from risk.ops.refusal import Invalid, Refusal
from risk.registry.cases import queue
from risk.registry.cases.records import Filters
from risk.registry.cases.session import within

MOST: Final = 1_000  # at once: each is a step of its own, with its line in the trail


class Preview(msgspec.Struct, frozen=True):
    """What a bulk verdict would be of. `stake` in major units; `left_out` has why, by case.

    `revisions` is what `close_all` is given: the cases as they were seen.
    """

    cases: int
    alerts: int
    stake: float
    approvals: int  # of these another person has to approve
    revisions: dict[int, int]
    left_out: dict[int, str]
    more: bool  # there are more than can be judged at once


class Done(msgspec.Struct, frozen=True):
    """What became of a bulk verdict: cases by id; `left_out` has a code and why."""

    closed: list[int]
    pending: list[int]
    left_out: dict[int, tuple[str, str]]


class Undone(msgspec.Struct, frozen=True):
    """What became of a bulk undo."""

    undone: list[int]
    left_out: dict[int, tuple[str, str]]


def preview(settings: Settings, actor: Actor, filters: Filters) -> Preview:
    """How many cases of the filters the actor may judge, and the money. Raises `Unavailable`."""
    rule = settings.cases
    with within(settings) as cursor:
        found = queue.page(cursor, filters, "risk", MOST)
    revisions: dict[int, int] = {}
    left_out: dict[int, str] = {}
    alerts, stake, approvals = 0, 0.0, 0
    for case in found.cases:
        try:
            machine.check(machine.standing_of(case), "close", actor)
        except Refusal as error:
            left_out[case.id] = str(error)
            continue
        revisions[case.id] = case.revision
        alerts, stake = alerts + case.alerts, stake + case.stake
        approvals += machine.needs_approval(rule.four_eyes, rule.four_eyes_stake, actor, case.stake)
    more = found.after is not None
    return Preview(len(revisions), alerts, stake, approvals, revisions, left_out, more)


def close_all(
    settings: Settings, actor: Actor, revisions: Mapping[int, int], verdict: str, reason: str = ""
) -> Done:
    """Judge these cases, those that have changed since left out. Raises `Unavailable`, `Invalid`.

    All of it is one transaction; each case has its own line in the trail.
    """
    if len(revisions) > MOST:
        raise Invalid(f"{len(revisions):,} cases: up to {MOST:,} are judged at once")
    done = Done([], [], {})
    with within(settings) as cursor:
        for case_id in sorted(revisions):  # in one order, so that two never wait for each other
            try:
                case = steps.close(
                    settings, case_id, actor, verdict, reason, revisions[case_id], cursor
                )
            except Invalid:
                raise
            except Refusal as error:
                done.left_out[case_id] = error.code, str(error)
                continue
            (done.pending if case.state == "pending" else done.closed).append(case_id)
    return done


def undo_all(where: Where, actor: Actor, case_ids: Sequence[int], reason: str = "") -> Undone:
    """Take the verdicts on these cases back. Raises `Unavailable`, `Invalid`."""
    found = Undone([], {})
    with within(where) as cursor:
        for case_id in sorted(case_ids):
            try:
                steps.undo(cursor, case_id, actor, reason)
            except Invalid:
                raise
            except Refusal as error:
                found.left_out[case_id] = error.code, str(error)
                continue
            found.undone.append(case_id)
    return found
