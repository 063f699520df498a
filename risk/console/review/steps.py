"""The steps of a case, as buttons and keys send them. `risk.ops.cases` says who may take which."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from risk.config.settings import Settings
from risk.console.acting import actor_of
from risk.console.guard import text_of, wants_part
from risk.console.review.acting import case_of, queue_of, refusing
from risk.console.review.shown import row
from risk.console.review.standing import standing
from risk.console.site import site
from risk.ops.actor import Actor
from risk.ops.cases import queue, steps
from risk.registry.cases.records import Case

MOST_HOURS: Final = 24 * 90


class Given:
    """What a form of a step sends along. Each raises `HTTPException` where it can't be."""

    def __init__(self, request: Request) -> None:
        self._request = request

    def __call__(self, name: str) -> str:
        """A text of the form."""
        return text_of(self._request, name).strip()

    @property
    def revision(self) -> int:
        """The case as it was looked at: a step on an older one is refused."""
        text = self("revision")
        if not (text.isascii() and text.isdecimal() and len(text) < 10):
            raise HTTPException(400, "revision: the one that the page shows.")
        return int(text)

    @property
    def until(self) -> datetime:
        """When a snooze ends."""
        hours = self("hours")
        if not (
            hours.isascii()
            and hours.isdecimal()
            and len(hours) < 6
            and 0 < int(hours) <= MOST_HOURS
        ):
            raise HTTPException(400, f"hours: a whole number from 1 to {MOST_HOURS:,}.")
        return datetime.now(UTC) + timedelta(hours=int(hours))


_Step = Callable[[Settings, int, Actor, Given], Case]
STEPS: Final[dict[str, _Step]] = {
    "claim": lambda at, id, who, given: steps.claim(at, id, who, given.revision),
    "release": lambda at, id, who, given: steps.release(at, id, who, given.revision),
    "assign": lambda at, id, who, given: steps.assign(at, id, who, given("to"), given.revision),
    "escalate": lambda at, id, who, given: steps.escalate(
        at, id, who, given("reason"), given.revision
    ),
    "snooze": lambda at, id, who, given: steps.snooze(at, id, who, given.until, given.revision),
    "close": lambda at, id, who, given: steps.close(
        at, id, who, given("verdict"), given("reason"), given.revision
    ),
    "approve": lambda at, id, who, given: steps.approve(at, id, who, given.revision),
    "reject": lambda at, id, who, given: steps.reject(at, id, who, given("reason"), given.revision),
    "undo": lambda at, id, who, given: steps.undo(at, id, who, given("reason"), given.revision),
    "reopen": lambda at, id, who, given: steps.reopen(at, id, who, given("reason"), given.revision),
}


@refusing
def take(request: Request) -> Response:
    """Take a step. A script gets the part that it has changed: a line of the queue, or the head of
    the case's page.
    """
    step = STEPS.get(request.path_params["step"])
    if step is None:
        raise HTTPException(404, "There is no such step.")
    own, given, actor = site(request), Given(request), actor_of(request)
    case = step(own.settings, case_of(request), actor, given)
    if not wants_part(request):
        query = queue_of(given("queue"), request).query()
        return RedirectResponse(f"/cases/{case.id}{'?' * bool(query)}{query}", 303)
    if given("part") == "row":
        return own.page(request, "cases/row.html", row=row(case, datetime.now(UTC)))
    return stand(request)


def stand(request: Request) -> Response:
    """How the case stands after a step, and what may be done."""
    own = site(request)
    with own.pool.session() as cursor:
        found = queue.whole(cursor, case_of(request), actor_of(request))
    query = queue_of(text_of(request, "queue"), request).query()
    return own.page(request, "cases/stand.html", **standing(own.settings, found, query), aside=True)
