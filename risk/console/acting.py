"""Who acts, on which number, and how what is refused is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request

from risk.console.site import viewer_of
from risk.ops.actor import Actor

STATUS: Final[Mapping[str, int]] = {
    "not_allowed": 403,
    "not_found": 404,
    "taken": 409,
    "stale": 409,
    "wrong_state": 409,
    "invalid": 400,
}
MOST_ID: Final = 2**63 - 1


def actor_of(request: Request) -> Actor:
    """Whoever is signed in."""
    viewer = viewer_of(request)
    assert viewer is not None, "the guard lets nobody in"
    return Actor(viewer.name, viewer.role)


def number_in(request: Request, name: str, what: str) -> int:
    """The number that stands in the address, of a `what`. Raises `HTTPException` if none can."""
    text: str = request.path_params[name]
    digits = text.isascii() and text.isdecimal() and len(text) <= len(str(MOST_ID))
    if not digits or not 0 < int(text) <= MOST_ID:
        raise HTTPException(404, f"There is no such {what}.")
    return int(text)


def refused(status: int, text: str) -> HTTPException:
    """The answer to what was refused. A script of the page shows it in the line at the top, and
    leaves the rest as it is.
    """
    return HTTPException(status, sentence(text), {"hx-reswap": "none"})


def sentence(text: str) -> str:
    """A message as a sentence: it begins in upper case, and ends with a full stop."""
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."
