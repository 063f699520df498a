"""Which case an address means, which queue, and how what is refused of them is told."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Final
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from risk.console.acting import STATUS, actor_of, number_in, refused
from risk.console.live.filters import BadFilter
from risk.console.review import asked
from risk.console.review.asked import Asked
from risk.ops.refusal import Refusal

SEEN: Final = re.compile(r"([0-9]{1,18}:[0-9]{1,9}(,|\Z)){0,1000}")
STALE: Final = "This case has changed while you looked at it. Look again, then decide."
_Handler = Callable[[Request], Response]


def case_of(request: Request) -> int:
    """The case of the address. Raises `HTTPException`."""
    return number_in(request, "case_id", "case")


def wanted(request: Request) -> Asked:
    """What the page's address asks of the queue. Raises `HTTPException`."""
    return _parsed(request.query_params, actor_of(request).name)


def queue_of(text: str, request: Request) -> Asked:
    """The same, of the queue's address as a form sends it along. Raises `HTTPException`."""
    return _parsed(dict(parse_qsl(text[:4_096])), actor_of(request).name)


def seen(text: str) -> dict[int, int]:
    """Cases with the revisions that a page has shown, as `17:3,18:1`. Raises `HTTPException`."""
    if not SEEN.fullmatch(text):
        raise HTTPException(400, "seen: cases with their revisions, as the page has them.")
    pairs = (one.split(":") for one in text.split(",") if one)
    return {int(case): int(revision) for case, revision in pairs}


def refusing(handler: _Handler) -> _Handler:
    """The handler, with what an operation has refused told in a sentence, by its code."""

    @wraps(handler)
    def answer(request: Request) -> Response:
        try:
            return handler(request)
        except Refusal as error:
            told = STALE if error.code == "stale" else str(error)
            raise refused(STATUS[error.code], told) from None

    return answer


def _parsed(given: Mapping[str, str], me: str) -> Asked:
    try:
        return asked.parse(given, me)
    except BadFilter as error:
        raise HTTPException(400, f"{error}.") from None
