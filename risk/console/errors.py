"""What is shown where something can't be: in the page's own looks, or as a part of it."""

from __future__ import annotations

from typing import Final, NamedTuple

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from risk.console.guard import wants_part
from risk.console.site import site

RETRY_S: Final = 5


class Told(NamedTuple):
    """A heading, and what can be done."""

    title: str
    text: str


TOLD: Final = {
    400: Told("That can't be asked", "Check the address, and try again."),
    401: Told("Sign in first", "Your session has ended."),
    403: Told("Not allowed", "You may not do this."),
    404: Told("Nothing here", "There is no page at this address, or it has gone."),
    405: Told("Not like this", "This address is asked in another way."),
    409: Told("Not any more", "Somebody was quicker. Look again, and try once more."),
    413: Told("Too large", "That is more than is taken here."),
    429: Told("Too many tries", "Wait a moment, and try again."),
    503: Told("Postgres is away", "This page comes back by itself as soon as it answers."),
}
NO_TABLES: Final = Told("Postgres has no tables for this yet", "`risk migrate` makes them.")
FAILED: Final = Told("Something went wrong", "It has been written to the console's log.")


def refused(request: Request, error: Exception) -> Response:
    """What a handler or the guard has refused, an `HTTPException`."""
    status: int = getattr(error, "status_code", 500)
    detail = str(getattr(error, "detail", ""))
    told = TOLD.get(status, FAILED)
    # Where there is no detail, Starlette gives the status in words.
    own = detail if detail.endswith(".") else told.text
    return _shown(
        request, status, Told(told.title, own), dict(getattr(error, "headers", None) or {})
    )


def unavailable(request: Request, error: Exception) -> Response:
    """Postgres is away: said so, and tried again by the page itself."""
    told = NO_TABLES if "risk migrate" in str(error) else TOLD[503]
    return _shown(request, 503, told, {"retry-after": str(RETRY_S)})


def failed(request: Request, error: Exception) -> Response:
    """A mistake of the console's own. What it was, only the log says."""
    return _shown(request, 500, FAILED, {})


def _shown(request: Request, status: int, told: Told, headers: dict[str, str]) -> Response:
    # A session that can't be looked up is none: the bar shows nothing that needs one.
    if status >= 500:
        request.state.viewer = None
    retry_s = RETRY_S if status == 503 and request.method == "GET" else 0
    name = "parts/problem.html" if wants_part(request) else "error.html"
    try:
        response: Response = site(request).page(
            request, name, status, status_code=status, told=told, retry_s=retry_s
        )
    except Exception:
        if status != 500:
            raise
        response = PlainTextResponse(f"{told.title}. {told.text}\n", status)
    response.headers.update(headers)
    return response
