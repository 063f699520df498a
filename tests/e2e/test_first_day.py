"""A new analyst in a real browser: an alert, its case, a first verdict, then fifty by keys."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

import pytest
from playwright.sync_api import Page, Response, expect

from risk.ops.cases import queue
from risk.registry.cases.records import Filters
from tests.browser import at_rest
from tests.e2e.reviewing import Console, Open, case_of, raised

pytestmark = pytest.mark.stack

PAGE = 50


def test_from_the_first_alert_to_the_first_verdict(console: Console, enter: Open) -> None:
    page = enter("ana")
    raised(console, "beginner")
    page.goto(f"{console.origin}/live?user=beginner")
    expect(page.locator("#rows tr")).to_have_count(1)
    page.keyboard.press("j")
    page.keyboard.press("o")
    expect(page.locator("#detail")).to_contain_text("14 users from")
    page.keyboard.press("r")
    page.wait_for_url("**/cases?user=beginner")
    expect(page.locator(".hints")).to_contain_text("fraud")
    page.keyboard.press("n")
    page.wait_for_url("**/cases/*")
    at_rest(page)
    expect(page.locator("#verdicts")).to_contain_text("Nobody has said yet")
    page.keyboard.press("l")
    expect(page.locator("#stand")).to_have_attribute("data-state", "closed")
    expect(page.locator("[data-do=n]")).to_be_focused()
    expect(page.locator("#verdicts")).to_contain_text("Legitimate")
    expect(page.locator("#verdicts")).to_contain_text("is sent in a moment")
    expect(page.locator("#stand")).to_contain_text("The verdict has been sent")
    assert case_of(console, "beginner")


def test_fifty_verdicts_are_fifty_keys(
    console: Console, enter: Open, record_property: Callable[[str, object], None]
) -> None:
    users = [f"fifty-{n}" for n in range(PAGE)]
    raised(console, *users, rule="fifty")
    page, answers = enter("ana"), list[Response]()
    page.goto(f"{console.origin}/cases?rule=fifty")
    expect(page.locator("#rows tr")).to_have_count(PAGE)
    page.on("response", lambda one: answers.append(one) if "/steps/close" in one.url else None)
    page.keyboard.press("j")
    took = [judged(page) for _ in users]
    expect(page.locator("#rows tr[data-state=closed]")).to_have_count(PAGE)
    assert len(answers) == PAGE
    assert queue.page(console.settings, Filters(rule="fifty"))[0] == []
    expect(page.locator("#totals")).to_contain_text("0 cases")
    served = [one.request.timing["responseStart"] for one in answers]
    record_property("verdict_ms", round(1_000 * median(took)))
    record_property("verdict_served_ms", round(median(served)))
    print(
        f"a verdict: {1_000 * median(took):.0f} ms from key to focus on the next, "
        f"{median(served):.0f} of them until the server answers"
    )


def judged(page: Page) -> float:
    """Judge the line that has the focus; how long until it is done, in seconds."""
    row = page.locator("#rows tr:focus-within")
    name = row.get_attribute("id")
    begun = time.perf_counter()
    page.keyboard.press("f")
    page.wait_for_selector(f"#{name}[data-state=closed]")
    return time.perf_counter() - begun
