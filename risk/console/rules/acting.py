"""How what is refused of a change of rules is told, and which ruleset an address means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from risk.console.guard import text_of
from risk.console.review.acting import actor_of, sentence
from risk.console.site import site
from risk.engine.rules import InvalidRuleset
from risk.errors import UserError
from risk.ops.rule_changes.errors import ChangeError
from risk.ops.rule_changes.steps import On
from risk.ops.rule_changes.tree import Tree

STATUS: Final[Mapping[str, int]] = {
    "not_allowed": 403,
    "not_found": 404,
    "stale": 409,
    "wrong_state": 409,
    "invalid": 400,
}
_Handler = Callable[[Request], Response]


def refusing(handler: _Handler) -> _Handler:
    """The handler, with what an operation has refused told in a sentence, by its code."""

    @wraps(handler)
    def answer(request: Request) -> Response:
        try:
            return handler(request)
        except ChangeError as error:
            raise _refused(STATUS[error.code], str(error)) from None
        except UserError as error:
            raise _refused(400, str(error)) from None
        except InvalidRuleset as error:
            raise _refused(409, str(error).partition("\n")[0]) from None

    return answer


def tree_of(request: Request) -> Tree:
    """The rulesets of rules/ as they are now."""
    return site(request).rules.tree()


def number_of(request: Request) -> int:
    """The change of the address. Raises `HTTPException`."""
    text: str = request.path_params["change_id"]
    if not (text.isascii() and text.isdecimal() and 0 < len(text) < 19):
        raise HTTPException(404, "There is no such change.")
    return int(text)


def on(request: Request) -> On:
    """The change of the address as the form's sender looked at it. Raises `HTTPException`."""
    text = text_of(request, "revision")
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise HTTPException(400, "revision: the one that the page shows.")
    return On(tree_of(request), actor_of(request), number_of(request), int(text))


def _refused(status: int, text: str) -> HTTPException:
    # A script of the page shows it in the line at the top, and leaves the rest as it is.
    return HTTPException(status, sentence(text), {"hx-reswap": "none"})
