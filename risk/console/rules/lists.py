"""A list of a ruleset: its values, why they are there and until when."""

from __future__ import annotations

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from risk.console.acting import actor_of
from risk.console.rules.acting import refusing, tree_of
from risk.console.site import site
from risk.engine.rules.tree import lists_in
from risk.ops.rule_changes import lists
from risk.registry import rule_changes


@refusing
def page(request: Request) -> Response:
    """As the file in rules/ has it."""
    name, which = request.path_params["ruleset"], request.path_params["list"]
    own, tree = site(request), tree_of(request)
    tree.own(name)
    place, ruleset = lists.find(tree, name, which), tree.read(name).ruleset
    with own.pool.session() as cursor:
        changes = rule_changes.listed(cursor, ruleset=name, name=which, limit=20)
    today = datetime.now(UTC).date()
    return own.page(
        request,
        "rules/list.html",
        ruleset=ruleset,
        name=which,
        place=f"{tree.folder(place.owner)}/{place.path}",
        owner=place.owner,
        items=place.items,
        over=[one.is_over(today) for one in place.items],
        users=[rule.id for rule in ruleset.rules if which in lists_in(rule.when)],
        changes=changes,
        today=today,
        most_reason=lists.MOST_REASON,
        drafts=actor_of(request).role != "viewer" and place.owner == name,
    )
