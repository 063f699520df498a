"""Reviewing cases in a real browser: the servers, who works there, and browsers of their own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page

from risk.config.settings import Settings
from risk.errors import UserError
from risk.ops.users import manage
from risk.stack.process import Home
from sinks import registry
from tests.browser import PASSWORD, SHOWN_MS, chromium, sign_in
from tests.conftest import Start
from tests.e2e.reviewing import PEOPLE, PICTURES, SIZES, Console, Open


@pytest.fixture(scope="module")
def console(kafka: Settings, postgres: Settings, start: Start, home: Home) -> Iterator[Console]:
    registry.migrate(postgres)
    for name, role in PEOPLE.items():
        with contextlib.suppress(UserError):  # another module's tests have added them
            manage.add(postgres, name, role, PASSWORD)
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
