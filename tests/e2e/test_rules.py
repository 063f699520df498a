"""A rule is changed in a real browser: drafted, refused to its author, approved by a lead."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from risk.cli.main import main
from risk.config.settings import Settings
from risk.ops.ruleset_folder import read_folder
from risk.ops.users import manage
from sinks import registry
from tests.browser import PASSWORD, SHOWN_MS, at_rest, chromium, sign_in, too_wide, violations
from tests.conftest import Start
from tests.needs import program
from tests.unit.ops.rule_changes.folders import project, write

pytestmark = pytest.mark.stack

PICTURES = Path("build/screenshots")
PEOPLE = {"rita": "analyst", "rolf": "lead", "rosa": "viewer"}


class Console(NamedTuple):
    settings: Settings
    origin: str
    browser: Browser

    def enter(self, contexts: list[BrowserContext], name: str, width: int = 1280) -> Page:
        """A browser of somebody's own, who is signed in."""
        context = self.browser.new_context(viewport={"width": width, "height": 844})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(SHOWN_MS)
        sign_in(page, self.origin, name)
        return page


@pytest.fixture(scope="module")
def console(kafka: Settings, postgres: Settings, start: Start) -> Iterator[Console]:
    registry.migrate(postgres)
    for name, role in PEOPLE.items():
        manage.add(postgres, name, role, PASSWORD)  # type: ignore[arg-type]
    settings = start("console")
    PICTURES.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        yield Console(settings, settings.console.origin, browser)


@pytest.fixture
def contexts() -> Iterator[list[BrowserContext]]:
    """Browsers that a test opens; no script fails in one, and the policy refuses nothing."""
    found: list[BrowserContext] = []
    yield found
    for context in found:
        context.close()


def drawn(page: Page, name: str) -> None:
    """The page is accessible, and no wider than the window."""
    at_rest(page)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
    assert violations(page) == []
    assert too_wide(page) == [], name


def test_a_rule_is_changed_by_two_people(
    console: Console, contexts: list[BrowserContext], tmp_path: Path
) -> None:
    page, wrong = console.enter(contexts, "rita"), []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if "Policy" in said.text else None)
    page.goto(f"{console.origin}/rules/of/default/rule/velocity_burst")
    page.click("text=Draft a change")
    page.wait_for_url("**/rules/changes/*")
    area, checked = page.locator("#text"), page.locator("#checked")
    good = area.input_value().replace("user_count_5m >= 8", "user_count_5m >= 6")
    good = good.replace("user_count_5m: 7,", "user_count_5m: 5,")
    area.fill(good.replace("when: user_count_5m", "when: user_cuont_5m"))
    expect(checked).to_contain_text("velocity_burst.yaml:5:7: no feature or field is called")
    expect(checked).to_contain_text("^^^^^^^^^^^^^")
    drawn(page, "rule-fault")
    page.click("text=Go to line 5")
    place = "[document.activeElement.id, text.value.slice(text.selectionStart, text.selectionEnd)]"
    assert page.evaluate(place) == ["text", "user_cuont_5m"]
    page.keyboard.type("user_cou")
    expect(page.locator("#complete li").first).to_contain_text("user_count_5m")
    page.keyboard.press("ArrowDown")
    assert violations(page) == []
    page.keyboard.press("Enter")
    expect(area).to_have_value(good)
    expect(checked).to_contain_text("all tests pass")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(checked).to_contain_text("all tests pass")
    page.click("text=Backtest what is saved")
    expect(page.locator("#backtest")).to_contain_text("were decided by both")
    fingerprint = page.locator("#draft-fingerprint").inner_text()
    page.fill("#why", "bursts begin earlier now")
    page.click("text=Propose what is saved")
    expect(page.locator("#stand")).to_have_attribute("data-state", "proposed")
    assert page.get_by_role("button", name="Approve").count() == 0
    address = page.url
    status = page.evaluate(
        """async (path) => {
          const token = JSON.parse(document.body.getAttribute('hx-headers'))
          const body = new URLSearchParams({revision: '1'})
          return (await fetch(path, {method: 'POST', headers: token, body})).status
        }""",
        f"{address}/steps/approve",
    )
    assert status == 403
    lead = console.enter(contexts, "rolf", width=390)
    lead.goto(address)
    drawn(lead, "rule-proposed-phone")
    lead.get_by_role("button", name="Approve").click()
    expect(lead.locator("#stand")).to_have_attribute("data-state", "approved")
    drawn(lead, "rule-approved-phone")
    with lead.expect_download() as saved:
        lead.click("text=Save the patch")
    root = write(project(), tmp_path)
    saved.value.save_as(tmp_path / "it.patch")
    subprocess.run((program("git"), "apply", "it.patch"), cwd=tmp_path, check=True, timeout=60)
    assert read_folder(root / "default").fingerprint == fingerprint
    assert main(["rules", "check", str(root / "default")]) == 0
    assert wrong == []


def test_a_viewer_reads_and_pages_are_accessible(
    console: Console, contexts: list[BrowserContext]
) -> None:
    paths = {
        "rules": "/rules?q=user_count",
        "ruleset": "/rules/of/strict",
        "rule": "/rules/of/default/rule/velocity_burst",
        "list": "/rules/of/default/list/high_risk_countries",
        "models": "/models",
    }
    for name, width in (("rosa", 1280), ("rita", 390)):
        page = console.enter(contexts, name, width)
        for what, path in paths.items():
            page.goto(console.origin + path)
            drawn(page, f"{what}-{width}")
            if name == "rosa":
                assert page.locator("main form[method=post]").count() == 0
    viewer = contexts[0].pages[0]
    status = viewer.evaluate(
        """async (path) => {
          const token = JSON.parse(document.body.getAttribute('hx-headers'))
          return (await fetch(path, {method: 'POST', headers: token})).status
        }""",
        "/rules/of/default/rule/velocity_burst/draft",
    )
    assert status == 403
