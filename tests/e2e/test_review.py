"""Reviewing cases in a real browser, on real servers: from an attack to a label."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple, Protocol

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from risk.config.settings import Settings
from risk.engine.messages import Reason
from risk.ops.cases import queue
from risk.ops.users import manage
from risk.registry.cases.records import STATES, Filters
from risk.registry.session import session
from risk.stack.process import Home
from sinks import registry
from tests.browser import (
    PASSWORD,
    SHOWN_MS,
    at_rest,
    chromium,
    raise_alerts,
    sign_in,
    too_wide,
    violations,
)
from tests.conftest import Start
from tests.pipeline import Pipeline, until
from tests.unit.console.alerts import alert

pytestmark = pytest.mark.stack

PICTURES = Path("build/screenshots")
PEOPLE = {"vera": "viewer", "ana": "analyst", "ben": "analyst", "lea": "lead"}
EVIL = '"\'><img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'
SIZES = {"wide": (1280, 800), "phone": (390, 844)}


class Console(NamedTuple):
    settings: Settings
    origin: str
    browser: Browser


class Open(Protocol):
    """Opens a browser of somebody's own."""

    def __call__(self, name: str, scheme: str = "light", size: str = "wide") -> Page:
        raise NotImplementedError


@pytest.fixture(scope="module")
def console(kafka: Settings, postgres: Settings, start: Start, home: Home) -> Iterator[Console]:
    registry.migrate(postgres)
    for name, role in PEOPLE.items():
        manage.add(postgres, name, role, PASSWORD)  # type: ignore[arg-type]
    start("cases")
    settings = start("console")
    PICTURES.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        yield Console(settings, settings.console.origin, browser)


@pytest.fixture
def enter(console: Console) -> Iterator[Open]:
    """Opens a browser of somebody's own. No script fails there, and no attack runs."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def opened(name: str, scheme: str = "light", size: str = "wide") -> Page:
        width, height = SIZES[size]
        context = console.browser.new_context(
            color_scheme=scheme,  # type: ignore[arg-type]
            viewport={"width": width, "height": height},
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(SHOWN_MS)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if "Policy" in said.text else None)
        sign_in(page, console.origin, name)
        return page

    yield opened
    for context in contexts:
        for page in context.pages:
            assert page.evaluate("window.hacked") is None
        context.close()
    assert wrong == []


def raised(console: Console, *users: str, payments: int = 1, rule: str = "ip_burst") -> None:
    """Cases of these users, by alerts of now that a rule raised."""
    at = time.time_ns() // 1_000_000
    raise_alerts(
        console.settings,
        *(
            alert(
                at * 1_000 + 97 * n + index,
                {
                    "ip": f"198.51.{sum(user.encode()) % 250}.{n + 1}",
                    "device_id": f"phone-of-{user}",
                    "card_token": "",
                },
                user_id=user,
                reasons=(Reason(rule, 1, 70, "14 users from 192.0.2.77 in 2 minutes"),),
                event_time=at - 1_000 * index,
                raised_at=at,
                event_id=f"{user}-{at}-{index}",
            )
            for n, user in enumerate(users)
            for index in range(payments)
        ),
    )
    for user in users:
        until(partial(case_of, console, user), f"the case of {user}")


def case_of(console: Console, user: str) -> int:
    """The latest case of a user; 0 if there is none."""
    found, _ = queue.page(console.settings, Filters(user=user, states=STATES), "age", 500)
    return found[-1].id if found else 0


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
    keys = {"f": "closed", "l": "closed", "s": "snoozed", "c": "claimed"}
    for (key, state), user in zip(keys.items(), users, strict=False):
        row = page.locator(f"#case-{case_of(console, user)}")
        row.locator("[data-row]").focus()
        page.keyboard.press(key)
        expect(row).to_have_attribute("data-state", state)
        expect(row.locator("[data-row]")).to_be_focused()
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
