"""The queue as people see it: pages, the next case, all of one case, saved views."""

from __future__ import annotations

from typing import Final, NamedTuple

import msgspec

from risk.ops.actor import SYSTEM, Actor
from risk.ops.cases import machine, steps
from risk.ops.cases.machine import Step
from risk.ops.cases.steps import Where
from risk.ops.cases.texts import checked_name, checked_text
from risk.ops.refusal import Invalid, NotAllowed, NotFound
from risk.registry.cases import notes, queue, store, views
from risk.registry.cases.queue import Page
from risk.registry.cases.records import (
    SORTS,
    Case,
    CaseAlert,
    Event,
    Filters,
    Level,
    Note,
    Related,
    Sort,
    Totals,
    View,
)  # fmt: skip
from risk.registry.cases.session import within
from risk.registry.session import Cursor

MOST: Final = 500  # cases of a page
MAX_VIEW_NAME: Final = 100
_WAKE: Final = 100


class Whole(NamedTuple):
    """All that is known of a case, and the steps that the one who looks may take."""

    case: Case
    alerts: list[CaseAlert]
    notes: list[Note]
    trail: list[Event]
    related: list[Related]
    allowed: list[Step]


def page(
    where: Where,
    filters: Filters = Filters(),  # noqa: B008  # frozen
    sort: Sort = "risk",
    limit: int = 50,
    after: str | None = None,
) -> tuple[list[Case], str | None]:
    """Up to `limit` cases, and the cursor of the next page, None at the end.

    A page begins where the one before it ended, whatever came or went meanwhile. Raises `Invalid`
    for a cursor that is none.
    """
    if sort not in SORTS:
        raise Invalid(f"sort: there are {', '.join(SORTS)}")
    with within(where) as cursor:
        found = queue.page(cursor, filters, sort, min(limit, MOST), _decoded(sort, after))
    return found.cases, _encoded(sort, found)


def totals(where: Where, filters: Filters) -> Totals:
    """How many cases, and the money at stake."""
    with within(where) as cursor:
        return queue.totals(cursor, filters)


def next_case(
    where: Where,
    actor: Actor,
    filters: Filters = Filters(),  # noqa: B008  # frozen
    sort: Sort = "risk",
) -> Case | None:
    """Claim the first open case that the actor may work on; None if there is none.

    Two who ask at once never get the same. Raises `NotAllowed`.
    """
    if actor.role in ("viewer", "system"):
        raise NotAllowed(f"next: a {actor.role} reads only")
    checked_name("who", actor.name)
    with within(where) as cursor:
        wake_due(cursor)
        levels: tuple[Level, ...] = ("analyst", "lead") if actor.leads else ("analyst",)
        found = queue.lock_next(cursor, filters, sort, levels)
        return None if found is None else steps.take(cursor, found, actor)


def wake_due(cursor: Cursor) -> int:
    """End the snoozes that are over; how many."""
    due = store.due_snoozed(cursor, _WAKE)
    for case in due:
        steps.wake(cursor, case, SYSTEM)
    return len(due)


def whole(where: Where, case_id: int, actor: Actor) -> Whole:
    """All of a case, each part at least as new as its trail. Raises `NotFound`."""
    with within(where) as cursor:
        trail = store.trail(cursor, case_id)
        case = store.get(cursor, case_id)
        if case is None:
            raise NotFound(f"there is no case {case_id}")
        return Whole(
            case,
            store.alerts(cursor, case_id),
            notes.of(cursor, case_id),
            trail,
            store.related(cursor, case_id),
            machine.allowed(machine.standing_of(case), actor),
        )


def save_view(where: Where, actor: Actor, view: View) -> None:
    """Keep a view under its name. Raises `Invalid`; `NotAllowed` if it is another's, or shared by
    one who isn't a lead.
    """
    name = checked_text(view.name.strip(), "name", MAX_VIEW_NAME)
    if not name:
        raise Invalid("name: give the view one")
    if view.owner != actor.name:
        raise NotAllowed(f"the view is {view.owner}'s: save it under your own name")
    if view.shared and not actor.leads:
        raise NotAllowed("a lead shares views")
    with within(where) as cursor:
        views.save(cursor, msgspec.structs.replace(view, name=name))


def saved_views(where: Where, actor: Actor) -> list[View]:
    """The actor's views, then those that others share."""
    with within(where) as cursor:
        return views.of(cursor, actor.name)


def view(where: Where, actor: Actor, name: str) -> View:
    """A view by its name, the actor's own first. Raises `NotFound`."""
    found = next((one for one in saved_views(where, actor) if one.name == name), None)
    if found is None:
        raise NotFound(f"there is no view {name!r}")
    return found


def delete_view(where: Where, actor: Actor, name: str) -> None:
    """Forget one of the actor's own views. Raises `NotFound`."""
    with within(where) as cursor:
        if not views.delete(cursor, actor.name, name):
            raise NotFound(f"there is no view {name!r} of yours")


def _encoded(sort: Sort, found: Page) -> str | None:
    return f"{sort}:{found.after[1]}:{found.after[0]}" if found.after else None


def _decoded(sort: Sort, text: str | None) -> tuple[str, int] | None:
    if text is None:
        return None
    order, _, rest = text.partition(":")
    number, _, key = rest.partition(":")
    if (
        order != sort
        or not (number.isascii() and number.isdecimal() and len(number) < 19)
        or not key
    ):
        raise Invalid("after: it isn't a cursor of this order: begin at the first page")
    return key, int(number)
