"""Every address of the console, with the role that it needs: there is no other way in.

A test walks all of them in each role. `/feed` is the one WebSocket: see `live/feed.py`.
"""

from __future__ import annotations

from typing import Final

from risk.console.live import events, pages
from risk.console.pages import access, health, home, models, static, users, verdicts
from risk.console.review import bulk, case, changed, notes, payment, queue, steps
from risk.console.route import Page
from risk.console.rules import change, drafts, index, lists, rule, ruleset
from risk.console.rules import steps as change_steps
from risk.console.sign_in import oidc, password

ROUTES: Final = (
    Page("GET", "/", home.home, "viewer"),
    Page("GET", "/healthz", health.health, None),
    Page("GET", "/readyz", health.ready, None),
    Page("GET", "/static/{digest}/{name}", static.serve, None),
    Page("GET", "/sign-in", password.form, None),
    Page("POST", "/sign-in", password.sign_in, None),
    Page("POST", "/sign-out", password.sign_out, "viewer"),
    Page("GET", "/sign-in/provider", oidc.leave, None),
    Page("GET", "/sign-in/provider/back", oidc.back, None),
    Page("GET", "/live", pages.live, "viewer"),
    Page("GET", "/live/rows", pages.rows, "viewer", background=True),
    Page("GET", "/live/summary", pages.summary, "viewer", background=True),
    Page("GET", "/live/events", events.events, "viewer", background=True),
    Page("GET", "/live/alerts/{alert_id}", pages.alert, "viewer"),
    Page("POST", "/live/alerts/{alert_id}/reveal", pages.reveal, "analyst"),
    Page("GET", "/cases", queue.page, "viewer"),
    Page("POST", "/cases/next", queue.take_next, "analyst"),
    Page("POST", "/cases/views", queue.save_view, "analyst"),
    Page("POST", "/cases/views/delete", queue.delete_view, "analyst"),
    Page("POST", "/cases/bulk/preview", bulk.preview, "analyst"),
    Page("POST", "/cases/bulk", bulk.close, "analyst"),
    Page("POST", "/cases/bulk/undo", bulk.undo, "analyst"),
    Page("GET", "/cases/rows", changed.rows, "viewer", background=True),
    Page("GET", "/cases/events", changed.events, "viewer", background=True),
    Page("GET", "/cases/{case_id}", case.page, "viewer"),
    Page("GET", "/cases/{case_id}/now", changed.now, "viewer", background=True),
    Page("POST", "/cases/{case_id}/steps/{step}", steps.take, "analyst"),
    Page("POST", "/cases/{case_id}/notes", notes.add, "analyst", most_bytes=notes.MOST_BYTES),
    Page("GET", "/cases/{case_id}/files/{file_id}", notes.file, "viewer"),
    Page("GET", "/cases/{case_id}/payments/{key}", case.payment, "viewer"),
    Page("GET", "/cases/{case_id}/payments/{key}/explanation", payment.explanation, "viewer"),
    Page("GET", "/cases/{case_id}/payments/{key}/timeline", payment.timeline, "viewer"),
    Page("GET", "/cases/{case_id}/payments/{key}/related", payment.related, "viewer"),
    Page(
        "GET",
        "/cases/{case_id}/payments/{key}/verdicts",
        payment.verdicts,
        "viewer",
        background=True,
    ),
    Page("POST", "/cases/{case_id}/payments/{key}/proof", payment.begin_proof, "analyst"),
    Page(
        "GET",
        "/cases/{case_id}/payments/{key}/proof/{proof}",
        payment.proof,
        "analyst",
        background=True,
    ),
    Page("POST", "/cases/{case_id}/payments/{key}/reveal", case.reveal, "analyst"),
    Page("GET", "/rules", index.page, "viewer"),
    Page("GET", "/rules/of/{ruleset}", ruleset.page, "viewer"),
    Page("POST", "/rules/of/{ruleset}/new", drafts.new_rule, "analyst"),
    Page("GET", "/rules/of/{ruleset}/rule/{rule}", rule.page, "viewer"),
    Page("POST", "/rules/of/{ruleset}/rule/{rule}/draft", drafts.rule, "analyst"),
    Page("GET", "/rules/of/{ruleset}/list/{list}", lists.page, "viewer"),
    Page("POST", "/rules/of/{ruleset}/list/{list}/add", drafts.add_value, "analyst"),
    Page("POST", "/rules/of/{ruleset}/list/{list}/remove", drafts.remove_values, "analyst"),
    Page("GET", "/rules/changes/{change_id}", change.page, "viewer"),
    Page("GET", "/rules/changes/{change_id}/patch", change.patch, "viewer"),
    Page("POST", "/rules/changes/{change_id}/check", change.check, "analyst"),
    Page("POST", "/rules/changes/{change_id}/backtest", change.backtest, "analyst"),
    Page("POST", "/rules/changes/{change_id}/steps/{step}", change_steps.take, "analyst"),
    Page("GET", "/models", models.page, "viewer"),
    Page("GET", "/models/{sha256}", models.one, "viewer"),
    Page("GET", "/verdicts", verdicts.page, "lead"),
    Page("POST", "/verdicts", verdicts.take, "lead", most_bytes=verdicts.MOST_BYTES),
    Page("GET", "/access", access.page, "lead"),
    Page("GET", "/users", users.page, "admin"),
    Page("POST", "/users/{name}/role", users.change_role, "admin"),
    Page("POST", "/users/{name}/disable", users.disable, "admin"),
)
FEED_ROLE: Final = "viewer"
