"""Who acts, on which case, and how what is refused is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Final
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from risk.console.live.filters import BadFilter
from risk.console.review import asked
from risk.console.review.asked import Asked
from risk.console.site import viewer_of
from risk.ops.cases.actor import Actor
from risk.ops.cases.errors import CaseError

STATUS: Final[Mapping[str, int]] = {
    "not_allowed": 403,
    "not_found": 404,
    "taken": 409,
    "stale": 409,
    "wrong_state": 409,
    "invalid": 400,
}
STALE: Final = "This case has changed while you looked at it. Look again, then decide."
MOST_ID: Final = 2**63 - 1
_Handler = Callable[[Request], Response]


def actor_of(request: Request) -> Actor:
    """Whoever is signed in."""
    viewer = viewer_of(request)
    assert viewer is not None, "the guard lets nobody in"
    return Actor(viewer.name, viewer.role)


def case_of(request: Request) -> int:
    """The case of the address. Raises `HTTPException`."""
    text: str = request.path_params["case_id"]
    digits = text.isascii() and text.isdecimal() and len(text) <= len(str(MOST_ID))
    if not digits or not 0 < int(text) <= MOST_ID:
        raise HTTPException(404, "There is no such case.")
    return int(text)


def wanted(request: Request) -> Asked:
    """What the page's address asks of the queue. Raises `HTTPException`."""
    return _parsed(request.query_params, actor_of(request).name)


def queue_of(text: str, request: Request) -> Asked:
    """The same, of the queue's address as a form sends it along. Raises `HTTPException`."""
    return _parsed(dict(parse_qsl(text[:4_096])), actor_of(request).name)


def refusing(handler: _Handler) -> _Handler:
    """The handler, with what an operation has refused told in a sentence, by its code."""

    @wraps(handler)
    def answer(request: Request) -> Response:
        try:
            return handler(request)
        except CaseError as error:
            told = STALE if error.code == "stale" else sentence(str(error))
            # A script of the page shows it in the line at the top, and leaves the rest as it is.
            raise HTTPException(STATUS[error.code], told, {"hx-reswap": "none"}) from None

    return answer


def sentence(text: str) -> str:
    """A message as a sentence: it begins in upper case, and ends with a full stop."""
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def _parsed(given: Mapping[str, str], me: str) -> Asked:
    try:
        return asked.parse(given, me)
    except BadFilter as error:
        raise HTTPException(400, f"{error}.") from None
