"""The console's pages on Postgres: who may open what, and what a request has to bring."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple

import httpx
import pytest
from msgspec.structs import replace
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from risk.config.settings import Settings
from risk.console import csrf
from risk.console.app import create
from risk.console.live import feed
from risk.console.roles import ORDER, allows
from risk.console.routes import ROUTES
from risk.console.site import Site
from risk.ops.users import manage
from risk.registry import access_log
from sinks.postgres.migrations import migrate
from tests.contract.browser import Browser, browser
from tests.databases import own_database
from tests.unit.console.alerts import alert

pytestmark = pytest.mark.stack

PASSWORD = "correct horse battery"
HOUR = timedelta(hours=1)
ALERT = alert(1)


class Console(NamedTuple):
    """A console with a user in each role, called as the role is."""

    settings: Settings
    app: Any
    origin: str

    @property
    def site(self) -> Site:
        found: Site = self.app.state.site
        return found

    def browser(self, role: str | None = None) -> TestClient:
        """A browser, maybe with a session."""
        return browser(self.app, self.origin, role).client

    def post(self, client: TestClient, path: str, **data: Any) -> httpx.Response:
        """What a form of the page sends."""
        return Browser(client, self.origin).post(path, **data)


@pytest.fixture(scope="module")
def console(postgres: Settings) -> Iterator[Console]:
    with own_database(postgres) as settings:
        migrate(settings)
        for role in ORDER:
            manage.add(settings, role, role, PASSWORD)
        app = create(settings)
        site: Site = app.state.site
        site.hub.ending = True  # streams end at once
        site.hub.ring.add(ALERT)
        yield Console(settings, app, settings.console.origin)
        site.pool.close()


PATHS = {
    "digest": "0" * 12,
    "name": "nobody",
    "alert_id": ALERT.alert_id,
    "case_id": "999",
    "step": "claim",
    "file_id": "1",
    "key": "0" * 32,
    "proof": "0" * 16,
    "ruleset": "default",
    "rule": "nothing",
    "list": "nothing",
    "change_id": "999",
    "sha256": "0" * 64,
}


@pytest.mark.parametrize("role", [None, *ORDER])
@pytest.mark.parametrize("page", ROUTES, ids=lambda page: f"{page.method} {page.path}")
def test_each_route_in_each_role(console: Console, page: Any, role: str | None) -> None:
    client, path = console.browser(role), page.path.format(**PATHS)
    headers = {}
    if page.method == "POST":
        secret = client.cookies.get("risk-session", "x" * 43) if page.role else "v" * 43
        client.cookies.set("risk-visitor", "v" * 43)
        headers = {"origin": console.origin, csrf.HEADER: csrf.token(secret)}
    answer = client.request(page.method, path, headers=headers)
    if page.role is None:
        assert not answer.headers.get("location", "").startswith("/sign-in?")
    elif role is None:
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in")
    elif allows(role, page.role):  # type: ignore[arg-type]
        assert answer.status_code in (200, 303, 400, 404)
        assert "sign-in?" not in answer.headers.get("location", "")
    else:
        assert answer.status_code == 403
        assert f"needs the role {page.role}" in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "server" not in answer.headers


def signing_in(console: Console, client: TestClient, **values: str) -> httpx.Response:
    form = client.get("/sign-in?next=/users").text
    found = dict(re.findall(r'name="(csrf|next)" value="([^"]*)"', form))
    data = found | {"name": "admin", "password": PASSWORD} | values
    answer: httpx.Response = client.post("/sign-in", data=data, headers={"origin": console.origin})
    return answer


def test_signing_in_begins_a_session_of_its_own(console: Console) -> None:
    client = console.browser()
    client.cookies.set("risk-session", planted := "f" * 43)
    answer = signing_in(console, client)
    assert (answer.status_code, answer.headers["location"]) == (303, "/users")
    (cookie,) = [one for one in answer.headers.get_list("set-cookie") if "risk-session=" in one]
    assert planted not in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    own = console.browser()
    own.cookies.set("risk-session", re.findall(r"risk-session=([^;]+)", cookie)[0])
    assert own.get("/users").status_code == 200
    assert console.post(own, "/sign-out").status_code == 303
    stale = console.browser()
    stale.cookies.set("risk-session", re.findall(r"risk-session=([^;]+)", cookie)[0])
    assert stale.get("/users").status_code == 303


def test_a_wrong_password_is_told_without_saying_what_was_wrong(console: Console) -> None:
    answers = [
        signing_in(console, console.browser(), name=name, password="x")
        for name in ("viewer", "nobody")
    ]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert all("Name or password is wrong." in answer.text for answer in answers)


@pytest.mark.parametrize(
    ("headers", "token", "status"),
    [
        ({}, "right", 403),  # no origin
        ({"origin": "null"}, "right", 403),
        ({"origin": "http://evil.example"}, "right", 403),
        ({"origin": "own"}, "wrong", 403),
        ({"origin": "own"}, "", 403),
        ({"origin": "own"}, "right", 303),
    ],
)
def test_a_request_from_elsewhere_is_refused(
    console: Console, headers: dict[str, str], token: str, status: int
) -> None:
    client = console.browser("admin")
    right = csrf.token(client.cookies["risk-session"])
    given = {"right": right, "wrong": csrf.token("x"), "": ""}[token]
    sent = {name: console.origin if value == "own" else value for name, value in headers.items()}
    data = {"role": "viewer", "csrf": given}
    answer = client.post("/users/viewer/role", data=data, headers=sent)
    assert answer.status_code == status


def test_a_name_of_somebody_elses_is_not_answered(console: Console) -> None:
    answer = console.browser("admin").get("/live", headers={"host": "evil.example"})
    assert answer.status_code == 421


def test_a_body_is_bounded(console: Console) -> None:
    client = console.browser("admin")
    headers = {"origin": console.origin, csrf.HEADER: csrf.token(client.cookies["risk-session"])}
    assert client.post("/users/x/role", content=b"x" * 70_000, headers=headers).status_code == 413
    chunked = client.post("/users/x/role", content=iter([b"x"]), headers=headers)
    assert chunked.status_code == 411


def test_masked_values_are_shown_once_it_is_noted(console: Console) -> None:
    ip, path = ALERT.transaction.ip, f"/live/alerts/{ALERT.alert_id}"
    assert ip not in console.browser("admin").get("/live").text
    assert ip not in console.browser("viewer").get(path).text
    assert console.post(console.browser("viewer"), f"{path}/reveal").status_code == 403
    assert ip in console.post(console.browser("analyst"), f"{path}/reveal").text
    with console.site.pool.session() as cursor:
        noted = access_log.latest(cursor)[0]
    assert (noted.name, noted.event_id, noted.fields) == (
        "analyst", "e1", ("ip", "device_id", "card_token"),
    )  # fmt: skip
    assert "e1" in console.browser("lead").get("/access").text


def test_an_admin_is_always_left(console: Console) -> None:
    client = console.browser("admin")
    assert console.post(client, "/users/admin/disable", disabled="1").status_code == 400
    assert console.post(client, "/users/admin/role", role="viewer").status_code == 400


def test_a_wrong_filter_is_named(console: Console) -> None:
    answer = console.browser("viewer").get("/live/rows?score=x", headers={"hx-request": "true"})
    assert answer.status_code == 400
    assert "score: a whole number from 0 to 100." in answer.text


def test_rows_go_on_from_a_place(console: Console) -> None:
    client, hub = console.browser("viewer"), console.site.hub
    place = str(hub.place)
    hub.ring.add(alert(7))
    answer = client.get("/live/rows", params={"after": place})
    assert answer.text.count("<tr") == 1
    assert answer.headers["x-live-place"] == str(hub.place)
    assert answer.headers["x-live-anew"] == "0"
    assert client.get("/live/rows?after=00000000-1").headers["x-live-anew"] == "1"


def test_the_feed_asks_for_a_token_or_a_page_of_its_own(console: Console) -> None:
    def closed(client: TestClient, path: str = "/feed", **headers: str) -> int:
        given = {"host": console.origin.partition("://")[2]} | headers
        with client.websocket_connect(path, headers=given) as socket:
            with pytest.raises(WebSocketDisconnect) as left:
                socket.receive_text()
            return left.value.code

    assert closed(console.browser()) == 4401
    assert closed(console.browser("viewer"), origin="http://evil.example") == 4401
    assert closed(console.browser("viewer"), origin=console.origin) == 1001  # it is ending
    token = manage.token(console.settings, "viewer", 1)
    assert closed(console.browser(), authorization=f"Bearer {token}") == 1001
    assert closed(console.browser(), "/feed?score=x", authorization=f"Bearer {token}") == 4400


def test_the_feed_begins_where_it_was_opened(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub, look_up = console.site.hub, feed._viewer

    def while_alerts_come(own: Site, socket: Any) -> Any:
        hub.ring.add(alert(50))
        return look_up(own, socket)

    monkeypatch.setattr(feed, "_viewer", while_alerts_come)
    monkeypatch.setattr(hub, "ending", False)
    headers = {"host": console.origin.partition("://")[2], "origin": console.origin}
    with console.browser("viewer").websocket_connect("/feed", headers=headers) as socket:
        told = socket.receive_json()
    assert [one["event_id"] for one in told["alerts"]] == ["e50"]


def test_without_postgres_it_says_so_and_tries_again(settings: Settings) -> None:
    gone = create(settings_without_postgres(settings))
    client = TestClient(gone, settings.console.origin, follow_redirects=False)
    assert client.get("/sign-in").status_code == 200
    client.cookies.set("risk-session", "x" * 43)
    answer = client.get("/live")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "Postgres is away" in answer.text
    assert 'http-equiv="refresh"' in answer.text
    assert client.get("/healthz").status_code == 200
    part = client.get("/live/rows", headers={"hx-request": "true"})
    assert part.status_code == 503
    assert "<html" not in part.text


def settings_without_postgres(settings: Settings) -> Settings:
    return replace(settings, postgres=replace(settings.postgres, port=1))
