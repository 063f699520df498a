"""Forms that begin a draft: of a rule, of a new one, of a list's values."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from risk.console.acting import actor_of
from risk.console.guard import form_of, text_of
from risk.console.rules.acting import refusing, tree_of
from risk.console.site import site
from risk.ops.actor import Actor
from risk.ops.rule_changes import drafts, lists
from risk.ops.rule_changes.tree import Tree
from risk.registry.rule_changes import Change
from risk.registry.session import Cursor

_Draft = Callable[[Cursor, Tree, Actor], Change]


@refusing
def rule(request: Request) -> Response:
    """Draft a change of the address's rule."""
    name, which = request.path_params["ruleset"], request.path_params["rule"]
    return _begun(
        request, lambda cursor, tree, actor: drafts.of_rule(cursor, tree, actor, name, which)
    )


@refusing
def new_rule(request: Request) -> Response:
    """Draft a rule that there isn't yet."""
    name, which = request.path_params["ruleset"], text_of(request, "name").strip()
    return _begun(
        request, lambda cursor, tree, actor: drafts.of_new_rule(cursor, tree, actor, name, which)
    )


@refusing
def add_value(request: Request) -> Response:
    """Draft one more value of the address's list."""
    which = request.path_params["ruleset"], request.path_params["list"]
    value, reason = text_of(request, "value"), text_of(request, "reason")
    until = _day(text_of(request, "until").strip())
    return _begun(
        request,
        lambda cursor, tree, actor: drafts.of_added(
            cursor, tree, actor, which, value, reason, until
        ),
    )


@refusing
def remove_values(request: Request) -> Response:
    """Draft the address's list without the values that are ticked."""
    name, which = request.path_params["ruleset"], request.path_params["list"]
    ticked = {one for one in form_of(request).getlist("value") if isinstance(one, str)}
    found = lists.find(tree_of(request), name, which)
    values = [one.value for one in found.items if str(one.value) in ticked]
    reason = text_of(request, "reason").strip()
    return _begun(
        request,
        lambda cursor, tree, actor: drafts.of_removed(
            cursor, tree, actor, (name, which), values, reason
        ),
    )


def _begun(request: Request, draft: _Draft) -> Response:
    with site(request).pool.session() as cursor:
        change = draft(cursor, tree_of(request), actor_of(request))
    return RedirectResponse(f"/rules/changes/{change.id}", 303)


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise HTTPException(400, "until: a day such as 2026-12-31, or nothing.") from None
