"""The console in a real browser, on real servers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlencode

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from risk.config.settings import Settings
from risk.engine.messages import Alert, Reason
from risk.ops.users import manage
from risk.stack.process import Home
from risk.stack.up import down
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
from tests.pipeline import Pipeline
from tests.unit.console.alerts import alert

pytestmark = pytest.mark.stack

ROLES = ("viewer", "analyst", "lead", "admin")
EVIL = '"\'><img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'


# How long the page takes to get round to something.
TURN_MS = """new Promise(done => {
  const begun = performance.now()
  setTimeout(() => done(performance.now() - begun))
})"""


class Console(NamedTuple):
    settings: Settings
    origin: str
    browser: Browser


@pytest.fixture(scope="module")
def console(kafka: Settings, postgres: Settings, start: Start, home: Home) -> Iterator[Console]:
    registry.migrate(postgres)
    for role in ROLES:
        manage.add(postgres, role, role, PASSWORD)  # type: ignore[arg-type]
    settings = start("console")
    with chromium() as browser:
        yield Console(settings, settings.console.origin, browser)


@pytest.fixture
def context(console: Console) -> Iterator[BrowserContext]:
    found = console.browser.new_context(viewport={"width": 1280, "height": 800})
    yield found
    found.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page on which no script fails, nothing is refused by the policy, and no attack runs."""
    found, wrong = context.new_page(), list[str]()
    found.set_default_timeout(SHOWN_MS)
    found.on("pageerror", lambda error: wrong.append(str(error)))
    found.on("console", lambda said: wrong.append(said.text) if "Policy" in said.text else None)
    yield found
    assert wrong == []
    assert found.evaluate("window.hacked") is None


def fresh(number: int, **values: object) -> Alert:
    """An alert that is raised now; numbers of one run of the tests are others than of the last."""
    payment: dict[str, object] = values.pop("payment", {})  # type: ignore[assignment]
    at = time.time_ns() // 1_000_000
    return alert(at * 1_000 + number, payment, raised_at=at, event_time=at - 300, **values)


def test_alerts_appear_by_themselves(console: Console, page: Page) -> None:
    sign_in(page, console.origin, "viewer")
    page.goto(f"{console.origin}/live?user=walk-in")  # whatever else is flagged
    page.wait_for_selector("#pulse[data-state=up]")
    raise_alerts(console.settings, fresh(1, user_id="walk-in", decision="BLOCK", score=96))
    row = page.locator("#rows tr", has_text="walk-in")
    expect(row).to_be_visible(timeout=SHOWN_MS)
    expect(row).to_contain_text("EUR 123.45")
    expect(row).to_contain_text("14 users from 192.0.2.••• in 2 minutes")
    shown = row.locator("time")
    assert (shown.get_attribute("title") or "").endswith("UTC")
    expect(page.locator("#tops")).to_contain_text("walk-in", timeout=SHOWN_MS)
    expect(page.locator(".globe .land path#country-DE")).to_be_attached()


def test_filters_and_the_pause_stay_in_the_address(console: Console, page: Page) -> None:
    sign_in(page, console.origin, "viewer")
    page.goto(f"{console.origin}/live?user=only-me")
    page.wait_for_selector("#pulse[data-state=up]")
    raise_alerts(console.settings, fresh(1, user_id="other"), fresh(2, user_id="only-me"))
    expect(page.locator("#rows tr")).to_have_count(1, timeout=SHOWN_MS)
    page.keyboard.press("p")
    assert "paused=1" in page.url
    raise_alerts(console.settings, fresh(3, user_id="only-me"))
    expect(page.locator("#held")).to_have_text("1 new since you paused", timeout=SHOWN_MS)
    expect(page.locator("#rows tr")).to_have_count(1)
    page.keyboard.press("p")
    expect(page.locator("#rows tr")).to_have_count(2, timeout=SHOWN_MS)
    assert "paused" not in page.url


def test_a_dropped_connection_heals_without_a_gap(
    console: Console, context: BrowserContext, page: Page
) -> None:
    sign_in(page, console.origin, "viewer")
    page.goto(f"{console.origin}/live?user=heals")
    page.wait_for_selector("#pulse[data-state=up]")
    context.set_offline(True)
    page.evaluate("dispatchEvent(new Event('offline'))")
    raise_alerts(console.settings, *(fresh(number, user_id="heals") for number in range(5)))
    context.set_offline(False)
    expect(page.locator("#rows tr")).to_have_count(5, timeout=SHOWN_MS)


def test_a_flood_does_not_freeze_the_page(console: Console, page: Page) -> None:
    sign_in(page, console.origin, "viewer")
    asked: list[float] = []
    page.on("request", lambda one: asked.append(time.monotonic()) if "/rows" in one.url else None)
    begun = time.monotonic()
    for second in range(4):
        raise_alerts(
            console.settings,
            *(
                fresh(500 * second + number, user_id=f"flood-{number % 40}")
                for number in range(500)
            ),
        )
    raise_alerts(console.settings, fresh(9_999, user_id="after-the-flood"))
    expect(page.locator("#rows tr", has_text="after-the-flood")).to_be_visible(timeout=SHOWN_MS)
    assert len(asked) <= 4 * (time.monotonic() - begun) + 2
    assert page.locator("#rows tr").count() <= 120
    assert page.evaluate(TURN_MS) < 1_000


def test_keys_lead_through_alerts(console: Console, page: Page) -> None:
    sign_in(page, console.origin, "analyst")
    page.goto(f"{console.origin}/live?user=keys")
    page.wait_for_selector("#pulse[data-state=up]")
    raise_alerts(console.settings, fresh(1, user_id="keys"), fresh(2, user_id="keys"))
    expect(page.locator("#rows tr")).to_have_count(2, timeout=SHOWN_MS)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("o")
    detail = page.locator("#detail")
    expect(detail).to_contain_text("192.0.2.•••")
    page.click("text=Show masked values")
    expect(detail).to_contain_text("192.0.2.77")
    expect(detail).to_contain_text("noted in the access log")
    page.keyboard.press("Escape")
    expect(detail).to_be_hidden()
    page.keyboard.press("?")
    expect(page.locator("#help")).to_contain_text("the next alert")


def test_no_text_of_a_payment_is_markup(console: Console, page: Page) -> None:
    names = ("merchant_id", "device_id", "card_token", "source")
    payment = dict.fromkeys(names, EVIL) | {
        "attributes": {EVIL: EVIL},
        "undeclared": {EVIL: [EVIL]},
    }
    reasons = (Reason("ip_burst", 1, 70, EVIL),)
    evil = fresh(1, user_id=f"{EVIL}u"[:128], event_id=EVIL, payment=payment, reasons=reasons)
    sign_in(page, console.origin, "analyst")
    raise_alerts(console.settings, evil)
    row = page.locator("#rows tr", has_text="<script>")
    expect(row.first).to_be_visible(timeout=SHOWN_MS)
    row.first.locator("[data-row]").click()
    page.click("text=Show masked values")
    expect(page.locator("#detail")).to_contain_text("noted in the access log")
    assert page.locator("#detail img, #rows img, #detail script").count() == 0
    page.goto(f"{console.origin}/live?{urlencode({'user': evil.user_id})}")
    expect(page.locator("#tops")).to_contain_text("<script>", timeout=SHOWN_MS)
    assert page.locator("main img, main script").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_pages_are_accessible(console: Console, scheme: str, width: int) -> None:
    context = console.browser.new_context(
        color_scheme=scheme,  # type: ignore[arg-type]
        viewport={"width": width, "height": 800},
    )
    page = context.new_page()
    page.set_default_timeout(SHOWN_MS)
    page.goto(f"{console.origin}/sign-in")
    assert violations(page) == []
    sign_in(page, console.origin, "admin")
    raise_alerts(console.settings, fresh(1, user_id="axe"), fresh(2, decision="BLOCK", score=90))
    row = page.locator("#rows tr", has_text="axe").first
    expect(row).to_be_visible(timeout=SHOWN_MS)
    row.locator("[data-row]").click()
    expect(page.locator("#detail h3").first).to_be_visible()
    at_rest(page)
    assert violations(page) == []
    assert too_wide(page) == []
    for path in ("/users", "/access", "/nowhere", "/live?user=nobody"):
        page.goto(console.origin + path)
        assert violations(page) == [], path
    context.close()


@pytest.mark.parametrize(("role", "path"), [("viewer", "/access"), ("lead", "/users")])
def test_the_server_refuses_what_a_role_may_not(
    console: Console, page: Page, role: str, path: str
) -> None:
    sign_in(page, console.origin, role)
    assert page.locator(f'nav a[href="{path}"]').count() == 0
    answer = page.goto(console.origin + path)
    assert answer is not None
    assert answer.status == 403
    expect(page.locator("h1")).to_have_text("Not allowed")


def test_every_answer_has_the_policy(console: Console) -> None:
    for path in ("/", "/sign-in", "/healthz", "/static/x/console.css", "/nowhere"):
        headers = httpx.get(console.origin + path).headers
        assert "default-src 'none'; script-src 'self'" in headers["content-security-policy"], path


def test_an_attack_is_seen_live(console: Console, page: Page, pipeline: Pipeline) -> None:
    sign_in(page, console.origin, "viewer")
    pipeline.publish(pipeline.stream(rate=200, duration_s=20, attack="card_testing"))
    expect(page.locator("#rows tr", has_text="tiny payments").first).to_be_visible(timeout=60_000)


def test_without_postgres_the_page_says_so_and_comes_back(
    console: Console, page: Page, home: Home, start: Start
) -> None:
    sign_in(page, console.origin, "viewer")
    page.goto(f"{console.origin}/live?user=is-back")
    page.wait_for_selector("#pulse[data-state=up]")
    down(console.settings, home, ["postgres"], say=lambda line: None)
    expect(page.locator("#notice")).to_contain_text("Postgres is away", timeout=SHOWN_MS)
    start("postgres")
    expect(page.locator("#notice")).to_be_hidden(timeout=SHOWN_MS)
    raise_alerts(console.settings, fresh(1, user_id="is-back"))
    expect(page.locator("#rows tr", has_text="is-back")).to_be_visible(timeout=SHOWN_MS)
