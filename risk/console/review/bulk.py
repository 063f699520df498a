"""One verdict on many cases: first how many it would be and how much money, then exactly these."""

from __future__ import annotations

from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from risk.console.acting import actor_of
from risk.console.guard import text_of
from risk.console.review.acting import queue_of, refusing, seen
from risk.console.site import site
from risk.ops.cases import bulk

VERDICTS: Final = ("fraud", "legitimate")


@refusing
def preview(request: Request) -> Response:
    """How many cases of the queue's filters it would be."""
    asked = queue_of(text_of(request, "queue"), request)
    found = bulk.preview(site(request).settings, actor_of(request), asked.filters)
    shown = ",".join(f"{case}:{revision}" for case, revision in found.revisions.items())
    return site(request).page(
        request,
        "cases/bulk.html",
        found=found,
        seen=shown,
        verdict=_verdict(request),
        reason=text_of(request, "reason"),
    )


@refusing
def close(request: Request) -> Response:
    """Judge those that were previewed; what has changed since is left out."""
    done = bulk.close_all(
        site(request).settings,
        actor_of(request),
        seen(text_of(request, "seen")),
        _verdict(request),
        text_of(request, "reason"),
    )
    judged = [*done.closed, *done.pending]
    return site(request).page(
        request, "cases/bulk_done.html", done=done, seen=",".join(f"{one}:0" for one in judged)
    )


@refusing
def undo(request: Request) -> Response:
    """Take these verdicts back."""
    ids = [*seen(text_of(request, "seen"))]
    found = bulk.undo_all(site(request).settings, actor_of(request), ids, "undone together")
    return site(request).page(request, "cases/bulk_undone.html", undone=found)


def _verdict(request: Request) -> str:
    verdict = text_of(request, "verdict")
    if verdict not in VERDICTS:
        raise HTTPException(400, f"verdict: one of {', '.join(VERDICTS)}.")
    return verdict
