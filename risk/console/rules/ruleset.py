"""A ruleset: its rules and lists, which of it runs, and the commands that change that."""

from __future__ import annotations

from datetime import UTC, datetime

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from risk.console.acting import actor_of
from risk.console.rules.acting import refusing, tree_of
from risk.console.rules.shown import DAYS, lately, lines
from risk.console.site import site
from risk.engine.rules.tree import render
from risk.ops.refusal import NotFound
from risk.ops.rule_changes import lists
from risk.ops.ruleset_standing import commands, standing
from risk.registry import rule_changes, rulesets


@refusing
def page(request: Request) -> Response:
    """As it stands in rules/; with `version`, and where it isn't there, as it ran."""
    name: str = request.path_params["ruleset"]
    version = request.query_params.get("version", "")
    tree = tree_of(request)
    if version or name not in tree.folders:
        return _archived(request, name, version)
    own, read = site(request), tree.read(name)
    now, today = standing(own.settings), datetime.now(UTC).date()
    with own.pool.session() as cursor:
        found = lines(tree, name, lately(cursor, name))
        changes = rule_changes.listed(cursor, ruleset=name, limit=20)
        kept = [one for one in rulesets.kept(cursor) if one.ruleset == name]
    places = {which: lists.find(tree, name, which) for which in sorted(read.ruleset.lists)}
    return own.page(
        request,
        "rules/ruleset.html",
        ruleset=read.ruleset,
        rules=found,
        lists={which: (place.owner, place.items) for which, place in places.items()},
        today=today,
        now=now,
        running=now.fingerprints(name),
        commands=commands(now, name, read.ruleset.version),
        changes=changes,
        kept=kept,
        days=DAYS,
        drafts=actor_of(request).role != "viewer",
    )


def _archived(request: Request, name: str, version: str) -> Response:
    own = site(request)
    with own.pool.session() as cursor:
        kept = [one for one in rulesets.kept(cursor) if one.ruleset == name]
    if not kept:
        raise NotFound(f"no ruleset {name} is in rules/, and none of that name ever ran")
    if version and not (version.isascii() and version.isdecimal() and len(version) < 8):
        raise HTTPException(400, "version: a whole number.")
    number = int(version) if version else kept[0].version
    found = own.rulesets.get(name, number)
    if found is None:
        raise NotFound(f"{name} has no version {number} in the archive that can be read")
    return own.page(
        request,
        "rules/archived.html",
        ruleset=found,
        kept=kept,
        conditions={rule.id: render(rule.when) for rule in found.rules},
    )
