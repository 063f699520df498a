"""The files that pages load."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from risk.console.site import site


def serve(request: Request) -> Response:
    """One of them."""
    return site(request).assets.serve(request)
