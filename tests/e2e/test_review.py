"""Reviewing cases in a real browser, on real servers: from an attack to a label."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from risk.engine.messages import Reason
from risk.ops.cases import queue
from risk.registry.cases.records import Filters
from risk.registry.session import session
from tests.browser import SHOWN_MS, at_rest, raise_alerts, too_wide, violations
from tests.e2e.reviewing import PICTURES, SIZES, Console, Open, case_of, raised
from tests.pipeline import Pipeline, until
from tests.unit.console.alerts import alert

pytestmark = pytest.mark.stack

EVIL = '"\'><img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'


def test_an_attack_is_judged_by_keys_and_becomes_labels(
    console: Console, enter: Open, pipeline: Pipeline
) -> None:
    page = enter("ana")
    pipeline.publish(pipeline.stream(rate=200, duration_s=20, attack="card_testing"))
    row = page.locator("#rows tr", has_text="tiny payments").first
    expect(row).to_be_visible(timeout=SHOWN_MS)
    until(lambda: queue.page(console.settings, Filters(rule="card_testing"))[0], "a case of it")
    page.goto(f"{console.origin}/cases?rule=card_testing")
    page.keyboard.press("n")
    page.wait_for_url("**/cases/*")
    stand = page.locator("#stand")
    expect(stand).to_have_attribute("data-state", "claimed")
    at_rest(page)
    expect(page.locator(".explanation")).to_contain_text("What would have changed it")
    expect(page.locator(".timeline")).to_contain_text("user count 5m")
    page.keyboard.press("p")
    expect(page.locator(".proof")).to_contain_text("Equal.", timeout=SHOWN_MS)
    page.keyboard.press("f")
    expect(stand).to_have_attribute("data-state", "closed")
    number = int(stand.get_attribute("data-case") or 0)
    with session(console.settings) as cursor:
        count = "SELECT count(*) AS n FROM case_alerts WHERE case_id = %s"
        payments = cursor.execute(count, (number,)).fetchone()["n"]  # type: ignore[index]
    labels = """
        SELECT count(*) AS n
        FROM risk_feedback JOIN case_alerts USING (event_id, user_id, event_time)
        WHERE case_id = %s AND verdict = 'fraud' AND source = 'analyst' AND said_by = 'ana'
    """

    def labelled() -> bool:
        with session(console.settings) as cursor:
            row = cursor.execute(labels, (number,)).fetchone()
        return bool(row and row["n"] == payments)

    until(labelled, "the verdict is in the labels")


def test_two_who_want_one_case(console: Console, enter: Open) -> None:
    raised(console, "wanted")
    number = case_of(console, "wanted")
    first, second = enter("ana"), enter("ben")
    # Nobody tells the second: an answer that never comes.
    second.route("**/cases/events*", lambda route: None)
    for page in (first, second):
        page.goto(f"{console.origin}/cases/{number}")
    first.keyboard.press("c")
    expect(first.locator("#stand")).to_have_attribute("data-state", "claimed")
    second.keyboard.press("f")
    expect(second.locator("#notice")).to_contain_text("has changed while you looked at it")
    expect(second.locator("#stand")).to_contain_text("ana")
    expect(second.locator("[data-do=f]")).to_have_count(0)
    for page in (first, second):
        page.goto(f"{console.origin}/cases?user=wanted")
        page.keyboard.press("j")
    second.keyboard.press("l")
    expect(second.locator("#notice")).to_contain_text("ana has the case")
    first.keyboard.press("l")
    expect(first.locator(f"#case-{number}")).to_contain_text("Legitimate")
    first.keyboard.press("u")
    expect(first.locator(f"#case-{number}")).not_to_contain_text("Legitimate")


def test_a_queue_is_worked_off_by_keys(console: Console, enter: Open) -> None:
    users = [f"batch-{n}" for n in range(6)]
    raised(console, *users, rule="keyed")
    page = enter("ana")
    page.goto(f"{console.origin}/cases?sort=age&who=nobody&rule=keyed")
    order: list[str] = page.locator("#rows tr").evaluate_all("rows => rows.map(row => row.id)")
    rows = [page.locator(f"#{name}") for name in order]
    assert len(rows) == len(users)
    page.keyboard.press("j")
    for n, (key, state) in enumerate({"f": "closed", "l": "closed", "s": "snoozed"}.items()):
        page.keyboard.press(key)
        expect(rows[n]).to_have_attribute("data-state", state)
        expect(rows[n + 1].locator("[data-row]")).to_be_focused()
    page.keyboard.press("u")
    expect(rows[2]).to_have_attribute("data-state", "claimed")
    expect(rows[2].locator("[data-row]")).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("c")
    expect(rows[3]).to_have_attribute("data-state", "claimed")
    expect(rows[3].locator("[data-row]")).to_be_focused()
    page.keyboard.press("?")
    expect(page.locator("#help")).to_contain_text("this case is fraud")
    page.keyboard.press("Escape")


def test_back_and_reload_keep_the_place(console: Console, enter: Open) -> None:
    users = [f"place-{n}" for n in range(4)]
    raised(console, *users, rule="placed")
    page = enter("ana")
    page.goto(f"{console.origin}/cases?sort=age&rule=placed")
    chosen = page.locator(f"#case-{case_of(console, users[2])} [data-row]")
    chosen.focus()
    page.keyboard.press("o")
    page.wait_for_url("**/cases/*?*sort=age*")
    page.go_back()
    expect(chosen).to_be_focused()
    page.reload()
    expect(chosen).to_be_focused()
    page.keyboard.press("o")
    page.wait_for_url("**/cases/*?*sort=age*")
    page.keyboard.press("Escape")
    page.wait_for_url("**/cases?*sort=age*")
    expect(chosen).to_be_focused()


def test_a_role_that_may_not_is_refused(console: Console, enter: Open) -> None:
    raised(console, "readonly")
    number = case_of(console, "readonly")
    page = enter("vera")
    page.goto(f"{console.origin}/cases/{number}")
    expect(page.locator("#stand")).to_contain_text("readonly")
    assert page.locator(".acts button, .notes form").count() == 0
    expect(page.locator("#payment")).to_contain_text("•••")
    status = page.evaluate(
        """async (path) => {
          const token = JSON.parse(document.body.getAttribute('hx-headers'))
          const headers = {...token, 'HX-Request': '1'}
          return (await fetch(path, {method: 'POST', headers})).status
        }""",
        f"/cases/{number}/steps/close",
    )
    assert status == 403


def test_no_note_or_payment_is_markup(console: Console, enter: Open) -> None:
    at = time.time_ns() // 1_000_000
    names = ("merchant_id", "device_id", "card_token", "source")
    payment = dict.fromkeys(names, EVIL) | {
        "attributes": {EVIL: EVIL},
        "undeclared": {EVIL: [EVIL]},
    }
    user = f"evil{EVIL}"[:128]
    raise_alerts(
        console.settings,
        alert(at, payment, user_id=user, event_id=EVIL, event_time=at, raised_at=at),
    )
    until(lambda: case_of(console, user), "the case of it")
    page = enter("lea")
    page.goto(f"{console.origin}/cases/{case_of(console, user)}")
    at_rest(page)
    page.keyboard.press("m")
    page.keyboard.type(EVIL)
    page.click(".notes button")
    expect(page.locator(".notes .note")).to_have_text(EVIL)
    page.click("text=Show masked values")
    expect(page.locator("#payment")).to_contain_text("noted in the access log")
    assert page.locator("main img, main script").count() == 0
    page.goto(f"{console.origin}/cases")
    assert page.locator("main img, main script").count() == 0


def test_a_file_of_chargebacks_becomes_labels(
    console: Console, enter: Open, pipeline: Pipeline, tmp_path: Path
) -> None:
    user = f"charged-{time.time_ns()}"
    file = tmp_path / "chargebacks.csv"
    good = f"charge-1,{user},2025-03-01T12:00,2025-03-20,somebody else\n"
    file.write_text(
        f"event_id,user_id,event_time,known_at,by\n{good}charge-2,{user},soon,2025-03-20,\n"
    )
    page = enter("lea")
    page.goto(f"{console.origin}/verdicts")
    page.set_input_files("#file", file)
    page.click("main button")
    expect(page.locator("[role=alert]")).to_contain_text("Nothing was sent: 1 of 2 rows")
    expect(page.locator("main table").first).to_contain_text("'soon': write it as 2025-03-01T12:00")
    assert violations(page) == []
    page.set_input_files("#file", file)
    page.check("[name=skip]")
    page.click("main button")
    expect(page.locator("[role=status].done")).to_contain_text("1 verdict was sent, 1 of 2 rows")

    def waits() -> bool:
        page.goto(f"{console.origin}/verdicts")
        row = page.locator("main tr", has_text=user)
        return bool(row.count()) and "lea" in row.inner_text()

    until(waits, "the verdict waits for its payment, by whoever sent it")
    assert violations(page) == []
    answer = enter("ana").goto(f"{console.origin}/verdicts")
    assert answer is not None
    assert answer.status == 403


@pytest.mark.parametrize("size", SIZES)
def test_the_longest_names_fit_the_page(console: Console, enter: Open, size: str) -> None:
    at, longest = time.time_ns() // 1_000_000, "W" * 128
    payment = {
        **dict.fromkeys(("merchant_id", "device_id", "card_token", "source"), longest),
        "attributes": {"W" * 64: longest},
        "undeclared": {"W" * 64: [longest]},
    }
    users = [f"{size}-{n}{longest}"[:128] for n in range(2)]
    raise_alerts(
        console.settings,
        *(
            alert(
                at + n,
                payment,
                user_id=user,
                event_id=f"{n}{longest}"[:128],
                event_time=at,
                raised_at=at,
                score=100,
                reasons=(Reason("w" * 63, 1, 100, longest * 2),),
            )
            for n, user in enumerate(users)
        ),
    )
    until(lambda: all(case_of(console, user) for user in users), "the cases of them")
    page = enter("lea", size=size)
    for path in (f"cases?user={users[0]}", f"cases/{case_of(console, users[1])}"):
        page.goto(f"{console.origin}/{path}")
        page.keyboard.press("End")  # parts far below are asked for when they are seen
        at_rest(page)
        assert too_wide(page) == [], path
    page.goto(f"{console.origin}/live?user={users[0]}")
    page.locator("#rows [data-row]").first.click()
    expect(page.locator("#detail h3").first).to_be_visible()
    at_rest(page)
    assert too_wide(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_pages_are_accessible_and_drawn(
    console: Console, enter: Open, pipeline: Pipeline, scheme: str, size: str
) -> None:
    if not queue.page(console.settings, Filters())[0]:
        raised(console, *(f"drawn-{n}" for n in range(12)), payments=3)
    page = enter("lea", scheme, size)
    page.goto(f"{console.origin}/cases")
    at_rest(page)
    page.screenshot(path=PICTURES / f"queue-{size}-{scheme}.png", caret="initial")
    assert violations(page) == []
    assert too_wide(page) == []
    page.locator("#rows [data-row]").first.click()
    page.wait_for_url("**/cases/*")
    at_rest(page)
    page.screenshot(path=PICTURES / f"case-{size}-{scheme}.png", caret="initial")
    page.screenshot(
        path=PICTURES / f"case-{size}-{scheme}-whole.png", full_page=True, caret="initial"
    )
    assert violations(page) == []
    assert too_wide(page) == []
    for path in ("/cases?user=nobody-like-this", "/cases/999999999", "/cases?sort=x"):
        page.goto(console.origin + path)
        assert violations(page) == [], path
