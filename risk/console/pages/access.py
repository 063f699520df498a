"""The access log: who has seen masked values."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from risk.console.site import site
from risk.registry import access_log


def page(request: Request) -> Response:
    """The latest lines of it."""
    own = site(request)
    with own.pool.session() as cursor:
        found = access_log.latest(cursor)
    return own.page(request, "access.html", rows=found, most=access_log.SHOWN)
