"""What each answer tells the browser not to do, and which hosts are answered at all."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from risk.config.console import LOOPBACK, Console
from risk.config.types import in_url

# Scripts, styles and pictures come from the console itself and nowhere else; nothing is inline.
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
YEAR_S: Final = 31_536_000


def origins(console: Console) -> frozenset[str]:
    """The origins of the console's own pages. On loopback this machine has several names."""
    found = {console.origin}
    if console.on_loopback and not console.public_origin:
        scheme = console.origin.partition("://")[0]
        found |= {f"{scheme}://{in_url(name)}:{console.port}" for name in LOOPBACK}
    return frozenset(found)


class Security:
    """Adds the headers to each answer, and refuses names that the console doesn't have.

    Else a page elsewhere could point a name of its own at this address, and read what it answers.
    """

    def __init__(self, app: ASGIApp, console: Console) -> None:
        self._app = app
        self._hosts = {_host(origin) for origin in origins(console)}
        self._headers = dict(HEADERS)
        if console.secure:
            self._headers["strict-transport-security"] = f"max-age={YEAR_S}"
        # A health check doesn't know the public name.
        self._hosts |= {f"{in_url(console.host)}:{console.port}"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand on with the headers added."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return

        async def secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-store")
            await send(message)

        host = dict(scope["headers"]).get(b"host", b"").decode("latin-1").lower()
        if host not in self._hosts:
            if scope["type"] == "http":
                refusal = PlainTextResponse("this host name is not the console's\n", 421)
                await refusal(scope, receive, secured)
            else:
                await send({"type": "websocket.close", "code": 1008})
            return
        await self._app(scope, receive, secured)


def _host(origin: str) -> str:
    """The `Host` header of requests to an origin: browsers leave out the scheme's own port."""
    scheme, _, host = origin.partition("://")
    return host.removesuffix(":443" if scheme == "https" else ":80")
