"""How what is refused of a change of rules is told, and which ruleset an address means."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from risk.console.acting import STATUS, actor_of, number_in, refused
from risk.console.guard import text_of
from risk.console.site import site
from risk.engine.rules import InvalidRuleset
from risk.errors import UserError
from risk.ops.refusal import Refusal
from risk.ops.rule_changes.steps import On
from risk.ops.rule_changes.tree import Tree

_Handler = Callable[[Request], Response]


def refusing(handler: _Handler) -> _Handler:
    """The handler, with what an operation has refused told in a sentence, by its code."""

    @wraps(handler)
    def answer(request: Request) -> Response:
        try:
            return handler(request)
        except Refusal as error:
            raise refused(STATUS[error.code], str(error)) from None
        except UserError as error:
            raise refused(400, str(error)) from None
        except InvalidRuleset as error:
            raise refused(409, str(error).partition("\n")[0]) from None

    return answer


def tree_of(request: Request) -> Tree:
    """The rulesets of rules/ as they are now."""
    return site(request).rules.tree()


def number_of(request: Request) -> int:
    """The change of the address. Raises `HTTPException`."""
    return number_in(request, "change_id", "change")


def on(request: Request) -> On:
    """The change of the address as the form's sender looked at it. Raises `HTTPException`."""
    text = text_of(request, "revision")
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise HTTPException(400, "revision: the one that the page shows.")
    return On(tree_of(request), actor_of(request), number_of(request), int(text))
