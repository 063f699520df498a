"""All rulesets, a search of their rules, and the changes that people work on."""

from __future__ import annotations

from typing import Final, cast, get_args

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from risk.console.rules.acting import refusing, tree_of
from risk.console.rules.shown import DAYS, lately, lines, matches, of_rule, ruleset_or_fault
from risk.console.site import site
from risk.ops.ruleset_standing import standing
from risk.registry import rule_changes, rulesets
from risk.registry.rule_changes import State

STATES: Final = get_args(State)
MOST_TEXT: Final = 200


@refusing
def page(request: Request) -> Response:
    """The rulesets of rules/ and of the archive; with `q` the rules that say it."""
    own, tree = site(request), tree_of(request)
    text = request.query_params.get("q", "").strip()
    state = request.query_params.get("state", "")
    if state and state not in STATES:
        raise HTTPException(400, f"state: one of {', '.join(STATES)}.")
    if len(text) > MOST_TEXT or "\0" in text:
        raise HTTPException(400, f"q: up to {MOST_TEXT} characters.")
    now = standing(own.settings)
    folders = {name: ruleset_or_fault(tree, name) for name in tree.names()}
    valid = [name for name, (ruleset, _) in folders.items() if ruleset]
    with own.pool.session() as cursor:
        kept = rulesets.kept(cursor)
        wanted = (cast(State, state),) if state else ("draft", "proposed")
        changes = rule_changes.listed(cursor, wanted)  # type: ignore[arg-type]
        found = [
            line
            for name in (valid if text else ())
            for line in lines(tree, name, {})
            if matches(line, text)
        ]
        known = {name: lately(cursor, name) for name in {line.ruleset for line in found}}
    return own.page(
        request,
        "rules/index.html",
        folders=folders,
        archive={
            name: [one for one in kept if one.ruleset == name]
            for name in dict.fromkeys(one.ruleset for one in kept)
        },
        now=now,
        text=text,
        found=[line._replace(figures=of_rule(known[line.ruleset], line.rule.id)) for line in found],
        changes=changes,
        states=STATES,
        state=state,
        days=DAYS,
    )
