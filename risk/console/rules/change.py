"""A change: its text with what the checker says of it, its diff, its backtest, and its steps."""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec
from msgspec.structs import replace
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from risk.console.acting import actor_of
from risk.console.guard import text_of, wants_part
from risk.console.rules.acting import number_of, refusing, tree_of
from risk.console.rules.shown import diff_lines, now_ms, ruleset_or_fault, sums
from risk.console.site import site
from risk.ops.rule_changes import drafts, machine, steps
from risk.ops.rule_changes.names import names
from risk.ops.rule_changes.patch import patch as patch_of
from risk.ops.rule_changes.prepare import Prepared
from risk.ops.rule_changes.tree import Tree
from risk.ops.ruleset_standing import standing
from risk.registry import rule_changes
from risk.registry.rule_changes import Change
from risk.verify.backtest.build import MOST, MOST_DAYS, build, kept
from risk.verify.backtest.report import Report

DAYS: Final = (1, 7, 30, 90)
assert DAYS[-1] == MOST_DAYS


@refusing
def page(request: Request) -> Response:
    """All of it."""
    return whole(request, None)


@refusing
def check(request: Request) -> Response:
    """What the checker says of a text that isn't kept: a part of the page, or all of it."""
    own, tree = site(request), tree_of(request)
    with own.pool.session() as cursor:
        change = steps.get(cursor, number_of(request))
    given = replace(change, text=drafts.normal(text_of(request, "text")))
    if not wants_part(request):
        return whole(request, None, given)
    return own.page(request, "rules/checked.html", **checked(tree, given))


@refusing
def backtest(request: Request) -> Response:
    """Decide the stored payments of the last days by it; what comes of it is kept."""
    own, tree, days = site(request), tree_of(request), _days(request)
    with own.pool.session() as cursor:
        change = steps.get(cursor, number_of(request))
    machine.may_draft(actor_of(request))
    found = steps.prepared(tree, change)
    if found.errors or found.ruleset is None:
        raise HTTPException(409, "The draft has errors: a backtest needs one that can be loaded.")
    if not own.backtesting.acquire(blocking=False):
        raise HTTPException(409, "Another backtest runs. Wait until it is done.")
    try:
        base = tree.read(change.ruleset).ruleset
        report = build(own.settings, base, found.ruleset, days, now_ms())
    finally:
        own.backtesting.release()
    with own.pool.session() as cursor:
        rule_changes.note_backtest(cursor, change.id, kept(report))
    if not wants_part(request):
        return whole(request, report)
    return own.page(request, "rules/backtest.html", **_backtest(report, found))


@refusing
def patch(request: Request) -> Response:
    """The patch of a proposal, to be saved."""
    with site(request).pool.session() as cursor:
        change = steps.get(cursor, number_of(request))
    if not change.patch:
        raise HTTPException(404, "A draft has no patch yet: it has one once it is proposed.")
    name = f"{change.ruleset}-{change.name}-{change.id}.patch"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(change.patch.encode(), headers=headers, media_type="text/x-diff")


def whole(request: Request, report: Report | None, given: Change | None = None) -> Response:
    """The page of a change, maybe with a text that isn't kept, or with a backtest just made."""
    own, tree, actor = site(request), tree_of(request), actor_of(request)
    with own.pool.session() as cursor:
        change = steps.get(cursor, number_of(request))
        trail = rule_changes.trail(cursor, change.id)
    now, base = standing(own.settings), ruleset_or_fault(tree, change.ruleset)[0]
    told = given or change
    values = checked(tree, told)
    if report is None and change.backtest is not None:
        report = msgspec.convert(change.backtest, Report)
    return own.page(
        request,
        "rules/change.html",
        change=told,
        unsaved=given is not None and given.text != change.text,
        place=f"{tree.folder(change.ruleset)}/{change.path}",
        allowed=machine.allowed(change, actor),
        drafts=actor.role != "viewer",
        trail=list(reversed(trail)),
        names=names(values["found"].ruleset or base) if base else [],
        base=base,
        running=now.fingerprints(change.ruleset),
        days=DAYS,
        most=MOST,
        most_why=drafts.MOST_WHY,
        **(values | _backtest(report, values["found"])),
    )


def checked(tree: Tree, change: Change) -> dict[str, Any]:
    """Values for `rules/checked.html`: what a text comes to in the folder as it is now."""
    found = steps.prepared(tree, change)
    place = f"{tree.folder(change.ruleset)}/{change.path}"
    text = change.patch if change.state in ("proposed", "approved") else ""
    if not text and not found.errors:
        text = patch_of(tree, found.tree)
    results = found.ran.results if found.ran else []
    return {
        "found": found,
        "faults": [(error, error.file == place) for error in found.errors],
        "tests": [one for one in results if one.rule.id == change.name],
        "others_run": len(results),
        "is_open": change.state in ("draft", "proposed"),
        "diff": list(diff_lines(text)),
    }


def _backtest(report: Report | None, found: Prepared) -> dict[str, Any]:
    mark = found.ruleset.fingerprint if found.ruleset else ""
    return {
        "report": report,
        "outdated": report is not None and report.b_fingerprint != mark,
        "sums": sums,
        "found": found,
    }


def _days(request: Request) -> int:
    text = text_of(request, "days")
    if not re.fullmatch(r"[1-9][0-9]?", text) or int(text) > MOST_DAYS:
        raise HTTPException(400, f"days: a whole number from 1 to {MOST_DAYS}.")
    return int(text)
