"""The live page and its parts."""

from __future__ import annotations

from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from risk.console import masking
from risk.console.live import filters
from risk.console.live.entry import Entry
from risk.console.live.filters import BadFilter, Filter
from risk.console.live.place import parse
from risk.console.live.shown import shown
from risk.console.revealing import check_reveal, may_reveal
from risk.console.site import Site, address_of, site, viewer_of
from risk.registry import access_log
from risk.registry.access_log import Reader

ROWS: Final = 60  # that the page begins with, and that it is given at most at once
PLACE: Final = "x-live-place"


def wanted(request: Request) -> Filter:
    """The filter in the address. Raises `HTTPException`."""
    try:
        return filters.parse(request.query_params)
    except BadFilter as error:
        raise HTTPException(400, f"{error}.") from None


def live(request: Request) -> Response:
    """The whole page, as it is now."""
    own, asked = site(request), wanted(request)
    place = own.hub.place
    newest = asked.of(own.hub.ring.newest())[:ROWS]
    return own.page(
        request,
        "live/page.html",
        filter=asked,
        decisions=filters.DECISIONS,
        rows=[shown(entry, own.masks) for entry in newest],
        place=str(place),
        servers=own.hub.servers,
        paused=request.query_params.get("paused") == "1",
        **_figures(own, asked),
    )


def rows(request: Request) -> Response:
    """What came after the place that the page has: rows, newest first, and the place they reach.

    If there is more than a page takes, it gets the newest and is told to begin anew.
    """
    own, asked = site(request), wanted(request)
    since, place = parse(request.query_params.get("after")), own.hub.place
    found: list[Entry] | None = None
    if since is not None and since.epoch == place.epoch:
        found = own.hub.ring.after(since.seq, place.seq)
    whole = found is None
    newest = own.hub.ring.newest() if found is None else found[::-1]
    matching = asked.of(newest)
    response = own.page(
        request,
        "live/rows.html",
        rows=[shown(entry, own.masks) for entry in matching[:ROWS]],
        filter=asked,
    )
    response.headers[PLACE] = str(place)
    response.headers["x-live-anew"] = "1" if whole or len(matching) > ROWS else "0"
    return response


def summary(request: Request) -> Response:
    """The figures, the map and the lists beside the table."""
    own, asked = site(request), wanted(request)
    return own.page(request, "live/summary.html", filter=asked, **_figures(own, asked))


def alert(request: Request) -> Response:
    """One alert: reasons, the payment's fields, what is masked."""
    return _one(request, _entry(request), reveal=False)


def reveal(request: Request) -> Response:
    """One alert with nothing masked; that it was shown stands in the access log before it is."""
    entry, viewer, own = _entry(request), viewer_of(request), site(request)
    assert viewer is not None, "the guard lets nobody in"
    check_reveal(own, viewer)
    fields = masking.present(entry.alert.transaction, own.masks)
    payment = (entry.alert.user_id, entry.alert.event_id or "", entry.alert.event_time)
    reader = Reader(viewer.name, viewer.role, address_of(request))
    with own.pool.session() as cursor:
        access_log.note(cursor, reader, payment, fields)
    return _one(request, entry, reveal=True)


def _one(request: Request, entry: Entry, reveal: bool) -> Response:
    own, viewer = site(request), viewer_of(request)
    may = viewer is not None and may_reveal(own, viewer)
    one = shown(entry, own.masks, reveal)
    return own.page(request, "live/alert.html", one=one, may_reveal=may, revealed=reveal)


def _entry(request: Request) -> Entry:
    entry = site(request).hub.ring.find(request.path_params["alert_id"])
    if entry is None:
        raise HTTPException(404, "This alert is no longer among the latest.")
    return entry


def _figures(own: Site, asked: Filter) -> dict[str, Any]:
    summary, masks = own.hub.summary(asked), own.masks
    return {
        # A degree is coarser than any place that is masked, but for one that isn't shown at all.
        "summary": summary if masks.place != "omit" else summary._replace(points=()),
        "arrivals": own.hub.recent_arrivals(),
        "hide": lambda ip: masks.of_address(ip) or masks.mark,
    }
