"""The first page: the live one."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response


def home(request: Request) -> Response:
    """On to the live page."""
    return RedirectResponse("/live", 303)
