"""The queue: which cases there are, in which order, and the next one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final, NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from risk.console.acting import actor_of
from risk.console.guard import text_of
from risk.console.live.filters import DECISIONS
from risk.console.review import asked as asking
from risk.console.review.acting import queue_of, refusing, wanted
from risk.console.review.asked import Asked
from risk.console.review.shown import row
from risk.console.roles import allows
from risk.console.site import site, viewer_of
from risk.ops.actor import Actor
from risk.ops.cases import queue
from risk.ops.refusal import Invalid
from risk.registry.cases.records import SORTS, STATES, Case, Filters, View
from risk.registry.session import Cursor

SHOWN: Final = 50
ORDERS: Final = {"risk": "Risk", "stake": "At stake", "age": "Age", "due": "Due"}
assert tuple(ORDERS) == SORTS


class Tab(NamedTuple):
    """A view of the queue that one click shows."""

    text: str
    query: str
    view: View | None = None  # one that somebody has saved


def page(request: Request) -> Response:
    """One page of the queue, the riskiest first unless another order is asked for."""
    own, asked, actor = site(request), wanted(request), actor_of(request)
    viewer, place = viewer_of(request), site(request).hub.cases.place
    now = datetime.now(UTC)
    with own.pool.session() as cursor:
        cases, after = cases_of(cursor, asked)
        totals = queue.totals(cursor, asked.filters)
        views = queue.saved_views(cursor, actor)
    tabs = [*_tabs(actor), *(_tab(one) for one in views)]
    return own.page(
        request,
        "cases/queue.html",
        asked=asked,
        values=asking.address(asked.filters, asked.sort),
        rows=[row(case, now) for case in cases],
        more=next_page(asked, after),
        place=str(place),
        servers=own.hub.servers,
        totals=totals,
        tabs=tabs,
        here=asked.query(after=None),
        orders=ORDERS,
        states=STATES,
        decisions=DECISIONS,
        acts=viewer is not None and allows(viewer.role, "analyst"),
        leads=actor.leads,
    )


@refusing
def take_next(request: Request) -> Response:
    """Claim the next case that nobody has, by the queue's filters and order, and open it."""
    asked = queue_of(text_of(request, "queue"), request)
    found = queue.next_case(site(request).settings, actor_of(request), asked.filters, asked.sort)
    query = Asked(asked.filters, asked.sort).query()
    if found is None:
        return RedirectResponse(f"/cases?{query}{'&' * bool(query)}none=1", 303)
    return RedirectResponse(f"/cases/{found.id}{'?' * bool(query)}{query}", 303)


@refusing
def save_view(request: Request) -> Response:
    """Keep the filters that are shown under a name."""
    asked, actor = queue_of(text_of(request, "queue"), request), actor_of(request)
    shared = text_of(request, "shared") == "1"
    view = View(
        owner=actor.name,
        name=text_of(request, "name"),
        filters=asked.filters,
        sort=asked.sort,
        shared=shared,
    )
    queue.save_view(site(request).settings, actor, view)
    return RedirectResponse(f"/cases?{asked.query(after=None)}", 303)


@refusing
def delete_view(request: Request) -> Response:
    """Forget a view of one's own."""
    queue.delete_view(site(request).settings, actor_of(request), text_of(request, "name"))
    return RedirectResponse("/cases", 303)


def next_page(asked: Asked, after: str | None) -> str | None:
    """The address of the page that begins at a cursor; None if there is none."""
    return Asked(asked.filters, asked.sort, after).query() if after else None


def cases_of(cursor: Cursor, asked: Asked) -> tuple[list[Case], str | None]:
    """The cases of a page, and the next one's cursor. Raises `HTTPException`."""
    try:
        return queue.page(cursor, asked.filters, asked.sort, SHOWN, asked.after)
    except Invalid as error:
        raise HTTPException(400, f"{error}.") from None


def _tabs(actor: Actor) -> list[Tab]:
    chosen = {
        "Open": Filters(),
        "Mine": Filters(assignee=actor.name),
        "Nobody's": Filters(states=("open",)),
        "Overdue": Filters(overdue=True),
        "To approve": Filters(states=("pending",)),
        "Closed": Filters(states=("closed",)),
    }
    if not actor.leads:
        del chosen["To approve"]
    return [Tab(text, Asked(filters).query()) for text, filters in chosen.items()]


def _tab(view: View) -> Tab:
    return Tab(view.name, Asked(view.filters, view.sort).query(), view)
