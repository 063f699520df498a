"""Pages of cases in real browsers while others act: they stay true, and keep what is being done."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Page, expect

from risk.ops.actor import Actor
from risk.ops.cases import queue, steps
from risk.verify.drift.kept import keep
from tests.browser import at_rest, too_wide, violations
from tests.e2e.reviewing import PICTURES, SIZES, Console, Open, case_of, raised
from tests.unit.console.drift import report

pytestmark = pytest.mark.stack

BEN = Actor("ben", "analyst")
AGED_MS = 1_100  # then a line or a case takes steps again after somebody's change


def at(page: Page, console: Console, path: str) -> Page:
    """The page, once its stream is open."""
    page.goto(f"{console.origin}{path}")
    page.wait_for_selector("#pulse[data-state=up]")
    return page


def revision(console: Console, case: int) -> int:
    return queue.whole(console.settings, case, BEN).case.revision


def test_anothers_claim_shows_at_once_in_the_queue_and_on_the_cases_page(
    console: Console, enter: Open
) -> None:
    raised(console, "shared")
    case = case_of(console, "shared")
    on_queue = at(enter("ana"), console, "/cases?user=shared")
    on_case = at(enter("vera"), console, f"/cases/{case}")
    open_case = at(enter("ana"), console, f"/cases/{case}")
    expect(open_case.locator("[data-do=f]")).to_have_count(1)
    other = at(enter("ben"), console, f"/cases/{case}")
    other.keyboard.press("c")
    expect(on_queue.locator(f"#case-{case}")).to_contain_text("ben")
    for page in (on_case, open_case):
        expect(page.locator("#stand")).to_have_attribute("data-state", "claimed")
        expect(page.locator("#notice")).to_have_text("ben has claimed this case.")
        expect(page.locator("#trail li").first).to_contain_text("claim ben")
    expect(open_case.locator("[data-do=f]")).to_have_count(0)
    assert on_case.locator(".acts button").count() == 0, "with the rights of who looks"
    expect(other.locator("#notice")).to_be_hidden()


def test_what_is_being_written_and_focused_is_kept(console: Console, enter: Open) -> None:
    raised(console, "written")
    case = case_of(console, "written")
    page = at(enter("ana"), console, f"/cases/{case}")
    page.keyboard.press("m")
    page.keyboard.type("I have called, and")
    steps.escalate(console.settings, case, BEN, "look at this")
    expect(page.locator("#notice")).to_contain_text("ben has handed this case to the leads")
    expect(page.locator("#trail")).to_contain_text("look at this")
    page.keyboard.type(" nobody was there")
    expect(page.locator("#note")).to_be_focused()
    expect(page.locator("#note")).to_have_value("I have called, and nobody was there")
    page.click(".notes button")
    expect(page.locator(".notes .note")).to_have_text("I have called, and nobody was there")
    expect(page.locator("#note")).to_have_value("")


def test_a_reason_that_has_no_step_any_more_becomes_a_note(console: Console, enter: Open) -> None:
    raised(console, "reasoned")
    case = case_of(console, "reasoned")
    page = at(enter("ana"), console, f"/cases/{case}")
    page.click(".acts summary")
    page.locator("#close-reason").fill("the card was stolen")
    page.locator("#snooze-hours").select_option("24")
    raised(console, "reasoned")
    expect(page.locator("#notice")).to_contain_text("A new alert has come into this case")
    expect(page.locator("#close-reason")).to_be_focused()
    expect(page.locator("#close-reason")).to_have_value("the card was stolen")
    expect(page.locator("#snooze-hours")).to_have_value("24")
    expect(page.locator("#payments #rows tr")).to_have_count(2)
    steps.claim(console.settings, case, BEN)
    expect(page.locator("#notice")).to_contain_text("What you were writing stands in the note")
    expect(page.locator("#note")).to_have_value("the card was stolen")


def test_a_key_meant_for_what_was_there_before_does_nothing(console: Console, enter: Open) -> None:
    raised(console, "moving")
    case = case_of(console, "moving")
    page = at(enter("ana"), console, f"/cases/{case}")
    at_rest(page)
    page.evaluate(
        """() => new MutationObserver((_, seen) => {
          if (document.querySelectorAll('#payments #rows tr').length < 2) return
          seen.disconnect()
          document.dispatchEvent(new KeyboardEvent('keydown', { key: 'f', bubbles: true }))
          document.body.dataset.pressed = document.getElementById('notice').textContent
        }).observe(document.querySelector('main'), { childList: true, subtree: true })"""
    )
    raised(console, "moving")
    expect(page.locator("#payments #rows tr")).to_have_count(2)
    expect(page.locator("body")).to_have_attribute(
        "data-pressed", f"Case {case} has just changed. Look again, then decide."
    )
    expect(page.locator("#stand")).to_have_attribute("data-state", "open")
    page.wait_for_timeout(AGED_MS)
    page.keyboard.press("f")
    expect(page.locator("#stand")).to_have_attribute("data-state", "closed")


def test_the_queue_keeps_its_order_and_focus_and_offers_what_has_come(
    console: Console, enter: Open
) -> None:
    users = ["kept-0", "kept-1", "kept-2"]
    raised(console, *users, rule="kept")
    page = at(enter("ana"), console, "/cases?sort=age&rule=kept")
    cases = [case_of(console, user) for user in users]
    chosen = page.locator(f"#case-{cases[1]} [data-row]")
    chosen.focus()
    page.locator("[name=user]").evaluate("one => { one.value = 'being typed' }")
    steps.close(console.settings, cases[0], BEN, "fraud")
    steps.claim(console.settings, cases[1], BEN)
    expect(page.locator(f"#case-{cases[0]}")).to_contain_text("Fraud")
    expect(page.locator(f"#case-{cases[1]}")).to_contain_text("ben")
    expect(chosen).to_be_focused()
    expect(page.locator("#notice")).to_have_text(f"Case {cases[1]} has just changed.")
    expect(page.locator("#totals")).to_contain_text("2 cases")
    raised(console, "kept-3", rule="kept")
    expect(page.locator("#lacks")).to_contain_text("Show 1 more case")
    expect(page.locator("#rows tr")).to_have_count(3)
    page.keyboard.press("v")
    expect(page.locator("#rows tr")).to_have_count(3)
    expect(page.locator(f"#case-{case_of(console, 'kept-3')}")).to_be_visible()
    expect(page.locator(f"#case-{cases[0]}")).to_have_count(0)
    expect(page.locator("#lacks")).to_be_hidden()
    expect(chosen).to_be_focused()
    assert page.locator("[name=user]").input_value() == "being typed"


def test_an_empty_queue_fills_by_itself(console: Console, enter: Open) -> None:
    page = at(enter("ana"), console, "/cases?rule=first_of_all")
    expect(page.locator("#none")).to_be_visible()
    raised(console, "first", rule="first_of_all")
    expect(page.locator(f"#case-{case_of(console, 'first')}")).to_be_visible()
    expect(page.locator("#none")).to_be_hidden()


def test_a_dropped_connection_heals_without_a_gap(console: Console, enter: Open) -> None:
    raised(console, "dropped-0", "dropped-1", rule="dropped")
    cases = [case_of(console, f"dropped-{n}") for n in range(2)]
    on_queue = at(enter("ana"), console, "/cases?rule=dropped")
    on_case = at(enter("ana"), console, f"/cases/{cases[1]}")
    for page in (on_queue, on_case):
        page.context.set_offline(True)
        page.evaluate("dispatchEvent(new Event('offline'))")
    for case in cases:
        steps.claim(console.settings, case, BEN)
    for page in (on_queue, on_case):
        page.context.set_offline(False)
    for case in cases:
        expect(on_queue.locator(f"#case-{case}")).to_contain_text("ben")
    expect(on_case.locator("#stand")).to_have_attribute("data-state", "claimed")
    expect(on_case.locator("#pulse")).to_have_attribute("data-state", "up")


@pytest.mark.parametrize("size", SIZES)
def test_pages_are_accessible_while_they_change(console: Console, enter: Open, size: str) -> None:
    users = [f"{size}-seen-{n}" for n in range(3)]
    raised(console, *users[:2], rule=f"seen_{size}")
    cases = [case_of(console, user) for user in users[:2]]
    page = at(enter("lea", size=size), console, f"/cases?rule=seen_{size}")
    page.locator(f"#case-{cases[0]} [data-row]").focus()
    raised(console, users[2], rule=f"seen_{size}")
    expect(page.locator("#lacks")).to_be_visible()
    steps.close(console.settings, cases[0], BEN, "fraud", "it was")
    expect(page.locator(f"#case-{cases[0]}")).to_contain_text("Fraud")
    at_rest(page)
    assert violations(page) == []
    assert too_wide(page) == []
    at(page, console, f"/cases/{cases[0]}")
    at_rest(page)
    expect(page.locator("#verdicts")).to_contain_text("it was")
    assert violations(page) == []
    assert too_wide(page) == []


@pytest.mark.parametrize("size", SIZES)
def test_what_has_drifted_is_accessible(console: Console, enter: Open, size: str) -> None:
    now = time.time_ns() // 1_000_000
    for hours in range(3):
        keep(console.settings, now - hours * 3_600_000, report(0.3 - hours / 10))
    page = enter("vera", size=size)
    page.goto(f"{console.origin}/models")
    expect(page.locator("#drift")).to_contain_text("much")
    page.screenshot(path=PICTURES / f"drift-{size}.png", full_page=True)
    assert violations(page) == []
    assert too_wide(page) == []
