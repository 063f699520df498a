"""The steps of a change, as forms send them. `risk.ops.rule_changes` says who may take which."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from risk.console.guard import text_of
from risk.console.rules.acting import on, refusing
from risk.console.site import site
from risk.ops.rule_changes import steps
from risk.ops.rule_changes.steps import On
from risk.registry.rule_changes import Change
from risk.registry.session import Cursor

_Given = Callable[[str], str]
_Step = Callable[[Cursor, On, _Given], Change]
STEPS: Final[dict[str, _Step]] = {
    "save": lambda cursor, at, given: steps.save(cursor, at, given("text")),
    "propose": lambda cursor, at, given: steps.propose(cursor, at, given("why")),
    "take_back": lambda cursor, at, given: steps.take_back(cursor, at),
    "withdraw": lambda cursor, at, given: steps.withdraw(cursor, at),
    "approve": lambda cursor, at, given: steps.approve(cursor, at),
    "reject": lambda cursor, at, given: steps.reject(cursor, at, given("reason")),
}


@refusing
def take(request: Request) -> Response:
    """Take a step; then the change is shown as it stands."""
    step = STEPS.get(request.path_params["step"])
    if step is None:
        raise HTTPException(404, "There is no such step.")
    at = on(request)
    with site(request).pool.session() as cursor:
        change = step(cursor, at, lambda name: text_of(request, name))
    return RedirectResponse(f"/rules/changes/{change.id}", 303)
