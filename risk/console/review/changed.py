"""What pages of cases ask for by themselves: that somebody has changed something, and what is new.

The stream says which cases have changed, the parts are asked for with the viewer's own rights.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from risk.console.live.changes import Changes
from risk.console.live.events import ANEW, stream
from risk.console.live.place import Place
from risk.console.review import case
from risk.console.review.acting import refusing, seen, wanted
from risk.console.review.queue import SHOWN, cases_of, next_page
from risk.console.review.shown import row
from risk.console.review.standing import standing
from risk.console.site import site
from risk.ops.cases import queue
from risk.registry.cases.records import STATES, Filters

ONE: Final = re.compile(r"[0-9]{1,18}")
MOST_TOLD: Final = 200  # cases of one event: of more a page looks at all that it shows
MOST_LINES: Final = 2 * SHOWN


class Cases:
    """Steps of all cases, or of one: the last line of each one's trail, and its revision."""

    def __init__(self, changes: Changes, only: int | None) -> None:
        self._changes, self._only = changes, only

    @property
    def place(self) -> Place:
        """Where the listening is now."""
        return self._changes.place

    def since(self, place: Place) -> tuple[str, dict[str, Any]] | None:
        """`cases`, or `anew` if what lies between isn't known."""
        found = self._changes.after(place)
        if found is None:
            return ANEW
        told = {
            str(one.case): {"revision": one.revision, "event": one.event}
            for one in found
            if self._only is None or one.case == self._only
        }
        if len(told) > MOST_TOLD:
            return ANEW
        return ("cases", {"cases": told}) if told else None


async def events(request: Request) -> Response:
    """The stream: which cases have changed, or whether the one of `?case=` has."""
    text = request.query_params.get("case", "")
    if text and not ONE.fullmatch(text):
        raise HTTPException(400, "case: its number.")
    return stream(request, Cases(site(request).hub.cases, int(text) if text else None))


@refusing
def rows(request: Request) -> Response:
    """The queue's lines that aren't as the page has them, by `shown`, and how many it lacks.

    All lines of the page, if it shows none or asks for the `whole`.
    """
    own, asked, now = site(request), wanted(request), datetime.now(UTC)
    shown = seen(request.query_params.get("shown", ""))
    if len(shown) > MOST_LINES:
        raise HTTPException(400, f"shown: up to {MOST_LINES} cases.")
    with own.pool.session() as cursor:
        page, after = cases_of(cursor, asked)
        totals = queue.totals(cursor, asked.filters)
        whole = not shown or request.query_params.get("whole") == "1"
        if whole:
            found = page
        else:
            filters = Filters(ids=tuple(shown), states=STATES)
            found = queue.page(cursor, filters, limit=MOST_LINES)[0]
            found = [one for one in found if one.revision != shown[one.id]]
    response = own.page(
        request,
        "cases/rows.html",
        rows=[row(one, now) for one in found],
        totals=totals,
        more=next_page(asked, after),
    )
    lacks = 0 if whole else sum(one.id not in shown for one in page)
    response.headers["x-cases-whole"] = str(int(whole))
    response.headers["x-cases-lacks"] = str(lacks)
    return response


@refusing
def now(request: Request) -> Response:
    """A case as it stands: the parts of its page that steps change, to take the place of theirs."""
    own, whole = site(request), case.whole_of(request)
    query = wanted(request).query()
    return own.page(
        request,
        "cases/now.html",
        **standing(own.settings, whole, query),
        **case.payments_of(request, whole),
        aside=False,
    )
