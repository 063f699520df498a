"""The page of one case, and of a payment in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from risk.console import masking
from risk.console.acting import actor_of
from risk.console.revealing import check_reveal, may_reveal
from risk.console.review import graph, places, shown
from risk.console.review.acting import case_of, refusing, wanted
from risk.console.review.shown import ShownAlert
from risk.console.review.standing import standing
from risk.console.site import Site, address_of, site, viewer_of
from risk.ops.cases import queue
from risk.ops.cases.queue import Whole
from risk.registry import access_log
from risk.registry.access_log import Reader
from risk.registry.cases.records import CaseAlert

MOST_PAYMENTS: Final = 100  # lines of a case's payments: of more the latest


@refusing
def page(request: Request) -> Response:
    """All of a case."""
    own, place = site(request), site(request).hub.cases.place
    whole, query = whole_of(request), wanted(request).query()
    return own.page(
        request,
        "cases/case.html",
        **standing(own.settings, whole, query),
        **payments_of(request, whole),
        aside=False,
        place=str(place),
        servers=own.hub.servers,
        related=whole.related,
        places=places.of(whole.alerts, own.masks),
    )


def payments_of(request: Request, whole: Whole) -> dict[str, Any]:
    """A case's payments, the one that is chosen, and what they share, as templates know them."""
    own, payments = site(request), shown.by_payment(whole.alerts)
    key = request.query_params.get("payment", "")
    # Unless one is asked for: the latest of those with the highest score, which made the case's.
    chosen = payments.get(key) or max(payments.values(), key=lambda one: one[0].score, default=None)
    return {
        "payments": _all(own, [*payments.values()][:MOST_PAYMENTS]),
        "count": len(payments),
        "graph": graph.drawn(whole.alerts, own.masks),
        **(_one(request, chosen) if chosen else {"one": None}),
    }


@refusing
def payment(request: Request) -> Response:
    """One payment of a case: reasons, fields, what the stores know of it."""
    return site(request).page(request, "cases/payment.html", **_one(request, chosen(request)))


@refusing
def reveal(request: Request) -> Response:
    """The same with nothing masked; that it was shown stands in the access log before it is."""
    own, found, viewer = site(request), chosen(request), viewer_of(request)
    assert viewer is not None, "the guard lets nobody in"
    check_reveal(own, viewer)
    values = _one(request, found, reveal=True)
    first = found[0]
    fields = masking.present(values["one"].transaction, own.masks)
    identity = (first.user_id, first.event_id, first.event_time)
    reader = Reader(viewer.name, viewer.role, address_of(request))
    with own.pool.session() as cursor:
        access_log.note(cursor, reader, identity, fields)
    return own.page(request, "cases/payment.html", **values)


def chosen(request: Request) -> list[CaseAlert]:
    """The alerts of the payment in the address. Raises `HTTPException`."""
    found = shown.by_payment(whole_of(request).alerts).get(request.path_params["key"])
    if found is None:
        raise HTTPException(404, "This case has no such payment.")
    return found


def _all(own: Site, payments: Sequence[Sequence[CaseAlert]]) -> list[ShownAlert]:
    return [shown.alert(found[0], own.masks) for found in payments]


def whole_of(request: Request) -> Whole:
    """The case of the address, as of one moment. Raises `Refusal`."""
    with site(request).pool.session() as cursor:
        return queue.whole(cursor, case_of(request), actor_of(request))


def _one(request: Request, alerts: list[CaseAlert], reveal: bool = False) -> dict[str, Any]:
    own, viewer = site(request), viewer_of(request)
    return {
        "one": shown.alert(alerts[0], own.masks, reveal),
        "others": [shown.alert(one, own.masks, reveal) for one in alerts[1:]],
        "may_reveal": viewer is not None and may_reveal(own, viewer),
        "revealed": reveal,
    }
