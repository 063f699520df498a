"""What each request passes before a handler sees it: origin, session, role, CSRF token."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response

from risk.console import csrf
from risk.console.roles import allows
from risk.console.route import Page
from risk.console.site import Site, site, viewer_of
from risk.registry import sessions
from risk.registry.sessions import Viewer

SIGN_IN: Final = "/sign-in"
FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")


def guarded(page: Page) -> Callable[[Request], Awaitable[Response]]:
    """The page's handler behind all checks. A handler that isn't async runs in a thread."""

    async def answer(request: Request) -> Response:
        own = site(request)
        if page.method not in csrf.SAFE:
            _check_origin(request, own)
            _check_size(request, page.most_bytes)
        if page.role is not None:
            viewer = await run_in_threadpool(found, own, request, not page.background)
            request.state.viewer = viewer
            if viewer is None:
                return _sign_in_first(request)
            if not allows(viewer.role, page.role):
                raise HTTPException(
                    403, f"This needs the role {page.role}; yours is {viewer.role}."
                )
        if page.method not in csrf.SAFE:
            await _check_token(request, own)
        if inspect.iscoroutinefunction(page.handler):
            response: Response = await page.handler(request)
            return response
        return await run_in_threadpool(page.handler, request)  # type: ignore[arg-type]

    return answer


def found(own: Site, connection: HTTPConnection, touch: bool) -> Viewer | None:
    """Who the session's cookie is of. Raises `Unavailable`."""
    token = own.cookies.session(connection)
    if token is None:
        return None
    with own.pool.session() as cursor:
        return sessions.find(cursor, token, touch)


def form_of(request: Request) -> FormData:
    """The form of a POST that the guard has let through."""
    form: FormData = request.state.form
    return form


def text_of(request: Request, name: str) -> str:
    """A field of the form; empty if it isn't there or is a file."""
    value = form_of(request).get(name)
    return value if isinstance(value, str) else ""


def wants_part(connection: HTTPConnection) -> bool:
    """Whether a script of the page asks, for a part of it."""
    return "hx-request" in connection.headers


def _sign_in_first(request: Request) -> Response:
    if wants_part(request):
        return Response(status_code=401, headers={"hx-redirect": _back_to("/live")})
    if request.headers.get("accept", "").startswith("text/event-stream"):
        return Response(status_code=401)
    if request.method not in csrf.SAFE:
        return RedirectResponse(SIGN_IN, 303)
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(_back_to(request.url.path + query), 303)


def _back_to(path: str) -> str:
    return f"{SIGN_IN}?next={quote(path, safe='/')}" if path != "/" else SIGN_IN


def _check_origin(request: Request, own: Site) -> None:
    if not csrf.is_own(request.headers.get("origin"), request.app.state.origins):
        raise HTTPException(403, "This request comes from another site, and is refused.")


def _check_size(request: Request, most: int) -> None:
    length = request.headers.get("content-length", "")
    if not length.isdecimal():
        raise HTTPException(411, "The length of the body is missing.")
    if int(length) > most:
        raise HTTPException(413, f"That is more than the {most:,} bytes that are taken here.")


async def _check_token(request: Request, own: Site) -> None:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    form = await request.form(max_files=20, max_fields=200) if kind in FORMS else FormData()
    request.state.form = form
    field = form.get(csrf.FIELD)
    given = request.headers.get(csrf.HEADER) or (field if isinstance(field, str) else None)
    signed_in = viewer_of(request) is not None
    secret = own.cookies.session(request) if signed_in else own.cookies.visitor(request)
    if not csrf.is_right(secret, given):
        raise HTTPException(403, "This page is out of date. Load it again, and try once more.")
