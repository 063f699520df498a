"""Pages of rules and models, rendered without a server: what they show is text, in one shape."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from risk.config.settings import Console
from risk.console.assets import Assets
from risk.console.pages.models import figures
from risk.console.rendering import environment
from risk.console.rules.change import DAYS, checked
from risk.console.rules.shown import diff_lines, lines, matches, sums
from risk.engine.models.rollout import percent
from risk.engine.rules import run_cases
from risk.ops.actor import Actor
from risk.ops.rule_changes import lists, machine
from risk.ops.rule_changes.names import names
from risk.ops.rule_changes.prepare import Edit, prepare
from risk.ops.ruleset_standing import Standing, commands
from risk.registry.activations import Activation
from risk.registry.deployments import Deployment
from risk.registry.models import Registered
from risk.registry.promotion import Promotion
from risk.registry.rule_changes import Change, Event
from risk.registry.rule_figures import RuleFigures
from risk.registry.rulesets import Kept
from risk.registry.runs import Run
from risk.registry.sessions import Viewer
from risk.verify.backtest.report import Example, Move, Report, RuleMove, Sum
from tests.unit.console.test_templates import EVIL, Tags
from tests.unit.ops.rule_changes.folders import edit, project
from tests.unit.ops.rule_changes.test_machine import DRAFT

ASSETS = Assets()
NOW = datetime(2026, 11, 30, tzinfo=UTC)
TREE = project()
DEFAULT = TREE.read("default").ruleset
FIGURES = {"ip_burst": RuleFigures("ip_burst", 40, 9, 1)}
RUN = Run(
    run_id="live-1", kind="live", ruleset="default", ruleset_version=DEFAULT.version,
    fingerprint=DEFAULT.fingerprint, code_version="x", placement="fused", shadow="strict:4",
)  # fmt: skip
STANDING = Standing(
    ("default", DEFAULT.version), ("default", 3), (RUN,), None,
    (Activation(1, "default", DEFAULT.version, "first", None, NOW),),
)  # fmt: skip
ONE = edit(TREE, "velocity_burst.yaml", "user_count_5m >= 8", "user_count_5m >= 7")
CHANGE = replace(
    DRAFT, name="velocity_burst", path=ONE.path, text=ONE.text,
    base_text=TREE.own("default")[ONE.path],
)  # fmt: skip
REPORT = Report(
    a_fingerprint="a" * 64, b_fingerprint="b" * 64, days=7, held=9, tried=5, incomplete=1, known=3,
    agree=3, first=0, last=9, missing=["user_count_5m"],
    moves=[Move("ALLOW", "REVIEW", Sum(2, 1, 0, {"EUR": 2_468, "JPY": 5}))],
    rules=[RuleMove("velocity_burst", Sum(), Sum(2, 1, 0, {"EUR": 2_468}))],
    examples=[Example("e", EVIL, 1_764_500_000_000, 1, "EUR", 0, 60, "ALLOW", "REVIEW", "fraud")],
)  # fmt: skip


def rendered(template: str, role: str = "analyst", /, **values: Any) -> str:
    shared = {
        "viewer": Viewer("ana", role), "csrf": "c" * 64, "navigation": [], "console": Console(),  # type: ignore[arg-type]
        "path": "/rules",
    }  # fmt: skip
    text: str = environment(ASSETS.url).get_template(template).render(shared | values)
    return text


def change_page(change: Change, actor: Actor, report: Report | None = REPORT) -> str:
    values = checked(TREE, change)
    return rendered(
        "rules/change.html",
        actor.role,
        change=change,
        unsaved=False,
        place=f"rules/default/{change.path}",
        allowed=machine.allowed(change, actor),
        drafts=actor.role != "viewer",
        trail=[Event(NOW, "lea", "lead", "reject", {"reason": EVIL})],
        names=names(DEFAULT),
        base=DEFAULT,
        running=[DEFAULT.fingerprint],
        days=DAYS,
        most=50_000,
        most_why=1_000,
        report=report,
        outdated=True,
        sums=sums,
        **values,
    )


def tags(text: str) -> Tags:
    found = Tags()
    found.feed(text)
    return found


def test_a_draft_shows_its_faults_and_what_may_be_done() -> None:
    ana, lea = Actor("ana", "analyst"), Actor("lea", "lead")
    page = change_page(CHANGE, ana)
    assert "A test fails" in page, "seven payments were to be a miss"
    assert "disabled>Propose" in page
    assert 'data-name="user_count_5m"' in page
    assert "user_count_5m &gt;= 7" in page
    assert "Newly flagged</dt><dd><strong>2" in page
    assert "Of an earlier text" in page
    wrong = change_page(replace(CHANGE, text=f"id: {EVIL}\n"), ana, None)
    assert 'class="fault"' in wrong
    assert "None was made yet" in wrong
    for text in (page, wrong):
        assert "img" not in tags(text).tags
    proposed = replace(CHANGE, state="proposed", patch="-a\n+b\n", fingerprint="f" * 64, why=EVIL)
    assert "Approve</button>" in change_page(proposed, lea)
    assert "Approve</button>" not in change_page(proposed, ana)
    approved = replace(proposed, state="approved", approved_by="lea")
    page = change_page(approved, Actor("vera", "viewer"))
    assert "git apply default-velocity_burst-1.patch" in page
    assert 'method="post" action="/rules' not in page
    assert "img" not in tags(page).tags


@pytest.mark.parametrize("drafts", [True, False])
def test_a_ruleset_a_rule_and_a_list(drafts: bool) -> None:
    rules = lines(TREE, "default", FIGURES)
    places = {name: lists.find(TREE, "default", name) for name in DEFAULT.lists}
    page = rendered(
        "rules/ruleset.html",
        ruleset=DEFAULT,
        rules=rules,
        lists={name: (place.owner, place.items) for name, place in places.items()},
        today=date(2026, 11, 30),
        now=STANDING,
        running=STANDING.fingerprints("default"),
        commands=commands(STANDING, "default", DEFAULT.version),
        changes=[CHANGE],
        kept=[Kept("default", 3, "a" * 64, NOW)],
        days=30,
        drafts=drafts,
    )
    assert "which is the same" in page
    assert "90% <span" in page, "9 of 10 judged"
    assert "it decides already" in page
    assert ("New rule" in page) is drafts
    rule = next(one for one in DEFAULT.rules if one.id == "ip_burst")
    page = rendered(
        "rules/rule.html",
        ruleset=DEFAULT,
        rule=rule,
        text=EVIL,
        place="rules/default/ip_burst.yaml",
        owner="days",
        figures=FIGURES["ip_burst"],
        results=[one for one in run_cases(DEFAULT) if one.rule is rule],
        changes=[],
        days=30,
        drafts=drafts,
    )
    assert "img" not in tags(page).tags
    assert ("Draft a change" in page) is drafts
    items = [lists.Item(EVIL, EVIL, date(2026, 1, 1)), lists.Item("KP")]
    page = rendered(
        "rules/list.html",
        ruleset=DEFAULT,
        name="high_risk_countries",
        place="rules/default/lists/high_risk_countries.yaml",
        owner="default",
        items=items,
        over=[True, False],
        users=["high_risk_country"],
        changes=[CHANGE],
        today=date(2026, 11, 30),
        most_reason=200,
        drafts=drafts,
    )
    assert "img" not in tags(page).tags
    assert "2026-01-01" in page


def test_the_first_page_and_what_ran() -> None:
    kept = [Kept("old", 2, "a" * 64, NOW)]
    page = rendered(
        "rules/index.html",
        folders={"default": (DEFAULT, ""), "odd": (None, EVIL)},
        archive={"old": kept},
        now=STANDING,
        text=EVIL,
        found=lines(TREE, "strict", None),
        changes=[CHANGE],
        states=("draft",),
        state="",
        days=30,
    )
    assert "from default" in page
    assert "not counted" in page
    assert "img" not in tags(page).tags
    page = rendered("rules/archived.html", ruleset=DEFAULT, kept=kept, conditions={
        rule.id: EVIL for rule in DEFAULT.rules
    })  # fmt: skip
    assert "as it ran" in page


def test_models() -> None:
    card = {"figures": {"f1": {"value": 0.5, "low": None, "high": "x"}, "odd": 3}}
    one = Registered(
        sha256="a" * 64, name=EVIL, kind="boosting", card=card, note=EVIL, created_at=NOW,
        status="production",
    )  # fmt: skip
    live = Deployment(
        1, "default", 4, "f" * 64, "card", "card", "a" * 64, "champion", 1_000, "", "r", {}, NOW
    )
    assert [tuple(figure) for figure in figures(one)] == [("F1", "0.500", "", "")]
    shared: dict[str, Any] = {
        "deployments": [live], "percent": percent, "active": ("default", 4),
    }  # fmt: skip
    pages = (
        rendered(
            "models/index.html",
            models=[one],
            traffic={one.sha256: "all"},
            kept=None,
            every_s=3_600.0,
            **shared,
        ),
        rendered(
            "models/one.html",
            model=one,
            figures=figures(one),
            traffic="all",
            versions=[one],
            **shared,
        ),
    )
    for page in pages:
        assert "img" not in tags(page).tags
        assert "production" in page
        assert "100" in page


def test_commands_follow_from_what_runs() -> None:
    told = {one.text: one.about for one in commands(STANDING, "strict", 4)}
    assert told["risk promote strict"] == f"takes over from default:{DEFAULT.version}"
    assert told["risk rollback"] == "goes back to default:3"
    assert "live-1 does so now" in told["risk submit all --shadow strict"]
    assert f"risk diff default:{DEFAULT.version} strict:4" in told
    going = STANDING._replace(promotion=Promotion("strict", 4, "promote", "r", "o", "j"))
    assert commands(going, "default", 4)[-1].about.endswith("strict:4 that is under way")


def test_a_search_finds_all_of_its_words() -> None:
    rules = lines(TREE, "default", {})
    assert [one.rule.id for one in rules if matches(one, "VELOCITY 5m")] == ["velocity_burst"]
    assert not [one for one in rules if matches(one, "velocity nothing")]


def test_lines_of_a_diff_and_sums() -> None:
    text = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-- a\n+- b\n  c\n"
    kinds = [one.kind for one in diff_lines(text)]
    assert kinds == ["file", "file", "file", "place", "remove", "add", "same"]
    assert sums({}) == "–"
    assert sums({"EUR": 1, "JPY": 500}) == "JPY 500 + EUR 0.01"


def test_a_prepared_edit_of_another_ruleset_is_its_own() -> None:
    text = TREE.read("strict").files["night_spending.yaml"]
    found = prepare(
        TREE, Edit("strict", "night_spending.yaml", text.replace("points: 10", "points: 11"))
    )
    assert found.ruleset is not None
    assert found.others == ()
    assert found.tree.own("default") == TREE.own("default")
