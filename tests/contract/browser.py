"""What a browser sends to the console, without a browser."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NamedTuple

import httpx
from starlette.testclient import TestClient

from risk.console import csrf
from risk.console.site import Site
from risk.registry import sessions

SESSION = "risk-session"
HOUR = timedelta(hours=1)


class Browser(NamedTuple):
    """Asks as pages do: a `part` of a page by a script, all of it without."""

    client: TestClient
    origin: str

    def get(self, path: str, part: bool = False) -> httpx.Response:
        found: httpx.Response = self.client.get(path, headers={"hx-request": "1"} if part else {})
        return found

    def post(self, path: str, part: bool = False, **data: Any) -> httpx.Response:
        token = csrf.token(self.client.cookies[SESSION])
        headers = {"origin": self.origin} | ({"hx-request": "1"} if part else {})
        found: httpx.Response = self.client.post(path, data=data | {"csrf": token}, headers=headers)
        return found


def browser(app: Any, origin: str, name: str | None) -> Browser:
    """The browser of a user who is signed in; None: of somebody who isn't."""
    client = TestClient(app, origin, follow_redirects=False)
    if name:
        site: Site = app.state.site
        with site.pool.session() as cursor:
            client.cookies.set(SESSION, sessions.start(cursor, name, HOUR, HOUR, "::1"))
    return Browser(client, origin)
