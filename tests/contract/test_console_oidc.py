"""Signing in through OpenID Connect, from the console to a provider and back, on Postgres."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import httpx
import pytest
from msgspec.structs import replace
from oidc_provider_mock import User, run_server_in_thread
from starlette.testclient import TestClient

from risk.config.settings import Settings
from risk.console.app import create
from risk.console.sign_in.oidc import BACK
from risk.console.site import Site
from risk.ops.users import manage
from sinks.postgres.migrations import migrate
from tests.databases import own_database

pytestmark = pytest.mark.stack

VERIFIED = {"email": "Ada@example.org", "email_verified": True}
USERS = (
    User(sub="1", claims=VERIFIED),
    User(sub="2", claims=VERIFIED | {"email_verified": False}),
    User(sub="3", claims=VERIFIED | {"email": "eve@example.org"}),
    User(sub="4", claims=VERIFIED | {"email": "locked@example.org"}),
)


class Console(NamedTuple):
    """A console that is a client of the provider, and the provider's pages, opened by hand."""

    settings: Settings
    app: Any

    def browser(self) -> TestClient:
        return TestClient(self.app, self.settings.console.origin, follow_redirects=False)

    def leave(self, browser: TestClient) -> str:
        """The provider's address that the console sends a browser to."""
        answer = browser.get("/sign-in/provider")
        assert answer.status_code == 303
        return str(answer.headers["location"])

    def back(self, address: str, subject: str = "1", **form: str) -> str:
        """The path that the provider sends back to, once somebody has said who they are."""
        with httpx.Client() as provider:
            assert provider.get(address).status_code == 200
            answer = provider.post(address, data={"sub": subject, **form})
        assert answer.status_code == 302
        origin = self.settings.console.origin
        assert answer.headers["location"].startswith(f"{origin}{BACK}?")
        return str(answer.headers["location"]).removeprefix(origin)

    def sign_in(self, subject: str) -> tuple[TestClient, httpx.Response]:
        browser = self.browser()
        return browser, browser.get(self.back(self.leave(browser), subject))


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """A provider's address. Only clients that have registered, and bring a nonce, are served."""
    with run_server_in_thread(
        require_client_registration=True, require_nonce=True, user_claims=USERS
    ) as server:
        yield f"http://localhost:{server.server_port}"


def registered(provider: str, origin: str) -> dict[str, Any]:
    client = {"redirect_uris": [origin + BACK]}
    found: dict[str, Any] = httpx.post(f"{provider}/oauth2/clients", json=client).json()
    return found


@pytest.fixture(scope="module")
def console(postgres: Settings, provider: str) -> Iterator[Console]:
    with own_database(postgres) as settings:
        migrate(settings)
        for name in ("ada@example.org", "locked@example.org"):
            manage.add(settings, name, "analyst", None)
        manage.disable(settings, "locked@example.org")
        client = registered(provider, settings.console.origin)
        own = replace(
            settings.console,
            oidc_issuer=provider,
            oidc_client=client["client_id"],
            oidc_secret=client["client_secret"],
        )
        settings = replace(settings, console=own)
        app = create(settings)
        yield Console(settings, app)
        site: Site = app.state.site
        site.pool.close()


def test_whom_the_provider_vouches_for_is_signed_in(console: Console) -> None:
    browser, answer = console.sign_in("1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/live")
    assert "risk-visitor" not in browser.cookies
    page = browser.get("/live")
    assert page.status_code == 200
    assert "ada@example.org" in page.text
    assert browser.get("/users").status_code == 403  # the role is said here, not there


def test_the_form_leads_to_the_provider(console: Console) -> None:
    browser = console.browser()
    assert 'href="/sign-in/provider"' in browser.get("/sign-in").text
    asked = httpx.URL(console.leave(browser)).params
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == console.settings.console.origin + BACK
    assert asked["scope"] == "openid email"


@pytest.mark.parametrize(
    ("subject", "why"),
    [
        ("2", "verified this e-mail address"),
        ("3", "eve@example.org is not a user here"),
        ("4", "locked@example.org is not a user here"),
    ],
)
def test_who_is_not_let_in(console: Console, subject: str, why: str) -> None:
    browser, answer = console.sign_in(subject)
    assert answer.status_code == 403
    assert why in answer.text
    assert "risk-session" not in browser.cookies


def test_who_declines_at_the_provider_is_told(console: Console) -> None:
    browser = console.browser()
    address = console.leave(browser)
    path = console.back(address, action="deny")
    assert "error=access_denied" in path
    # This provider leaves out the state, which RFC 6749 asks for here, too.
    state = httpx.URL(address).params["state"]
    answer = browser.get(f"{path}&state={state}")
    assert answer.status_code == 403
    assert "The provider has refused." in answer.text
    assert "risk-session" not in browser.cookies


def test_an_answer_is_good_for_one_browser_and_once(console: Console) -> None:
    browser, other = console.browser(), console.browser()
    path = console.back(console.leave(browser))
    console.leave(other)
    assert other.get(path).status_code == 403  # an attacker's answer in a victim's browser
    assert console.browser().get(path).status_code == 403
    assert browser.get(path).status_code == 303
    assert browser.get(path).status_code == 403  # the visitor's cookie went with the sign-in


def test_a_code_is_not_taken_twice(console: Console) -> None:
    browser = console.browser()
    path = console.back(console.leave(browser))
    visitor = browser.cookies["risk-visitor"]
    assert browser.get(path).status_code == 303
    thief = console.browser()
    thief.cookies.set("risk-visitor", visitor)
    answer = thief.get(path)
    assert answer.status_code == 502
    assert "risk-session" not in thief.cookies


def test_a_session_that_was_there_before_ends(console: Console) -> None:
    browser, _ = console.sign_in("1")
    before = browser.cookies["risk-session"]
    assert browser.get(console.back(console.leave(browser))).status_code == 303
    stale = console.browser()
    stale.cookies.set("risk-session", before)
    assert stale.get("/live").headers["location"].startswith("/sign-in")
    assert browser.get("/live").status_code == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"oidc_issuer": "http://localhost:1"},  # nothing listens
        {"oidc_issuer": "{provider}/"},  # calls itself something else
    ],
)
def test_a_provider_that_is_away_or_another_is_told(
    console: Console, provider: str, changed: dict[str, str]
) -> None:
    own = {name: value.format(provider=provider) for name, value in changed.items()}
    settings = console.settings
    app = create(replace(settings, console=replace(settings.console, **own)))
    browser = TestClient(app, settings.console.origin, follow_redirects=False)
    answer = browser.get("/sign-in/provider")
    assert answer.status_code == 502
    assert "The provider doesn&#39;t answer as it should" in answer.text
    assert browser.get("/sign-in").status_code == 200


def test_a_wrong_secret_of_the_console_is_told(console: Console) -> None:
    settings = console.settings
    wrong = replace(settings, console=replace(settings.console, oidc_secret="wrong"))
    own = Console(wrong, create(wrong))
    browser, answer = own.sign_in("1")
    assert answer.status_code == 502
    assert "risk-session" not in browser.cookies
