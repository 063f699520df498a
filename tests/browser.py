"""Debian's Chromium, driven by Playwright, and the console as it opens it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from risk.config.settings import Settings
from risk.engine.messages import Alert
from tests.needs import program
from tests.topics import Sent, send

PASSWORD = "correct horse battery"
SHOWN_MS = 60_000  # at most, on a machine with much beside it
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser. Skips where there is none."""
    path = program("chromium")
    expect.set_options(timeout=SHOWN_MS)
    with sync_playwright() as playwright:
        # It refuses to sandbox root's processes, and CI is root in a container.
        browser = playwright.chromium.launch(
            executable_path=path, chromium_sandbox=os.geteuid() != 0
        )
        yield browser
        browser.close()


def sign_in(page: Page, origin: str, name: str) -> None:
    """Sign in by the form; then the live page is there, and its stream is open."""
    page.goto(f"{origin}/sign-in")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.click("main button")
    page.wait_for_url("**/live")
    page.wait_for_selector("#pulse[data-state=up]", timeout=SHOWN_MS)


def raise_alerts(settings: Settings, *alerts: Alert) -> None:
    """Publish alerts as the scoring job does."""
    records = [Sent(one.user_id.encode(), msgspec.json.encode(one)) for one in alerts]
    send(settings, settings.topics.alerts, records)


def violations(page: Page) -> list[str]:
    """What axe finds wrong with a page, by WCAG 2.2 AA and good practice."""
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG}})
    return [
        f"{one['id']}: {node['html'][:160]}"
        for one in found.response["violations"]
        for node in one["nodes"]
    ]


def at_rest(page: Page) -> None:
    """Wait until all parts of the page have come, and nothing moves any more.

    The policy refuses what `wait_for_function` would do: it evaluates a text within the page.
    """
    deadline = time.monotonic() + SHOWN_MS / 1_000
    moving = "document.getAnimations().length + document.querySelectorAll('.loading').length"
    while page.evaluate(moving):
        assert time.monotonic() < deadline, "the page doesn't come to rest"
        page.wait_for_timeout(50)


def too_wide(page: Page) -> list[str]:
    """What makes a page wider than its window, so that all of it moves sideways; [] if nothing."""
    found: list[str] = page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth ? [] :
          [...document.querySelectorAll('body *')]
            .filter(one => one.scrollWidth > Math.max(one.clientWidth, innerWidth) &&
              getComputedStyle(one).overflowX === 'visible')
            .map(one => `${one.tagName}.${one.className}: ${one.textContent.slice(0, 60)}`)
            .concat([`the page is ${document.documentElement.scrollWidth} px wide`])"""
    )
    return found
