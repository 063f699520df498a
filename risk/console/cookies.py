"""The two cookies: of a session, and before it of a visitor who may sign in."""

from __future__ import annotations

import re
import secrets
from typing import Final

from starlette.requests import HTTPConnection
from starlette.responses import Response

from risk.registry.sessions import TOKEN_BYTES

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")
VISIT_S: Final = 1_800


class Cookies:
    """Sets and reads them. Where TLS is used, no other host or path can set one of these names."""

    def __init__(self, secure: bool) -> None:
        prefix = "__Host-" if secure else ""
        self._secure = secure
        self._session, self._visitor = f"{prefix}risk-session", f"{prefix}risk-visitor"

    def session(self, connection: HTTPConnection) -> str | None:
        """The token of the session, if the request has what may be one."""
        return _token(connection.cookies.get(self._session))

    def visitor(self, connection: HTTPConnection) -> str | None:
        """What is known of somebody who isn't signed in: a random token."""
        found: str | None = getattr(connection.state, "visitor", None)
        return found or _token(connection.cookies.get(self._visitor))

    def welcome(self, connection: HTTPConnection) -> None:
        """Let the visitor have a token, so that pages can be rendered with it."""
        if self.visitor(connection) is None:
            connection.state.visitor = secrets.token_urlsafe(TOKEN_BYTES)

    def keep_visitor(self, connection: HTTPConnection, response: Response) -> None:
        """Set the visitor's cookie, from `welcome` on for half an hour."""
        if token := self.visitor(connection):
            self._set(response, self._visitor, token, VISIT_S)

    def begin(self, response: Response, token: str) -> None:
        """Set the cookie of a new session; what was known of the visitor is over.

        It lasts until the browser is closed; the server ends a session by itself.
        """
        self._set(response, self._session, token, None)
        self._drop(response, self._visitor)

    def end(self, response: Response) -> None:
        """Drop the session's."""
        self._drop(response, self._session)

    def _set(self, response: Response, name: str, token: str, age: int | None) -> None:
        response.set_cookie(
            name, token, max_age=age, path="/", secure=self._secure, httponly=True, samesite="lax"
        )

    def _drop(self, response: Response, name: str) -> None:
        response.delete_cookie(name, path="/", secure=self._secure, httponly=True, samesite="lax")


def _token(text: str | None) -> str | None:
    return text if text and _TOKEN.fullmatch(text) else None
