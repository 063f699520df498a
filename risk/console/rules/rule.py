"""A rule: its text, what it did lately, and the changes of it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from risk.console.acting import actor_of
from risk.console.rules.acting import refusing, tree_of
from risk.console.rules.shown import DAYS, lately, of_rule
from risk.console.site import site
from risk.engine.rules import run_cases
from risk.ops.refusal import NotFound
from risk.registry import rule_changes


@refusing
def page(request: Request) -> Response:
    """As its file in rules/ has it."""
    name, which = request.path_params["ruleset"], request.path_params["rule"]
    own, tree = site(request), tree_of(request)
    tree.own(name)
    read = tree.read(name)
    rule = next((one for one in read.ruleset.rules if one.id == which), None)
    if rule is None:
        raise NotFound(f"{name} has no rule {which}")
    owner, path = tree.place(name, f"{which}.yaml")
    with own.pool.session() as cursor:
        found = of_rule(lately(cursor, name), which)
        changes = rule_changes.listed(cursor, ruleset=name, name=which, limit=20)
    return own.page(
        request,
        "rules/rule.html",
        ruleset=read.ruleset,
        rule=rule,
        text=read.files[f"{which}.yaml"],
        place=f"{tree.folder(owner)}/{path}",
        owner=owner,
        figures=found,
        results=[one for one in run_cases(read.ruleset) if one.rule is rule],
        changes=changes,
        days=DAYS,
        drafts=actor_of(request).role != "viewer",
    )
