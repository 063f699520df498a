"""A session begins: its cookie, and where to go from there."""

from __future__ import annotations

import re
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from risk.console.site import site
from risk.registry import sessions

HOME: Final = "/live"
MOST_NEXT: Final = 2_000
# A path of the console's own: neither another host (`//`, `/\`) nor anything a browser trims away.
_PATH: Final = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*")


def next_of(text: str) -> str:
    """Where to go after signing in: a path of the console's, whatever was asked."""
    fits = _PATH.fullmatch(text) and not text.startswith("/sign-")
    return text if fits and len(text) <= MOST_NEXT else HOME


def begun(request: Request, token: str, wanted: str) -> Response:
    """On to where the visitor wanted to go, with the new session's cookie.

    A session that this browser had before ends: whoever else knows its token has no more of it.
    """
    own = site(request)
    if before := own.cookies.session(request):
        with own.pool.session() as cursor:
            sessions.end(cursor, before)
    response = RedirectResponse(next_of(wanted), 303)
    own.cookies.begin(response, token)
    return response
