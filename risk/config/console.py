"""The section of the console: the page that analysts work in."""

from __future__ import annotations

import re
from typing import Annotated, Final

import msgspec

from risk.config.section import Section
from risk.config.types import File, Fits, Host, Options, Port, Secret, Text, in_url, is_host

DAY_HOURS: Final = 24
LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


_ORIGIN: Final = re.compile(r"https?://(\[[0-9a-f:.]+\]|[^\s/:?#@\[\]]+)(?::([0-9]{1,5}))?")
_ISSUER: Final = re.compile(r"https?://[^\s/?#@]+(/[^\s?#]*)?")


def is_origin(text: str) -> bool:
    """Whether it is what a browser calls an origin: scheme, host and maybe a port, no path."""
    found = _ORIGIN.fullmatch(text)
    if found is None or text != text.lower():
        return False
    port = int(found[2] or 1)
    return is_host(found[1].strip("[]")) and 0 < port < 65_536


def is_issuer(text: str) -> bool:
    """Whether it is an HTTP address without query and fragment."""
    return _ISSUER.fullmatch(text) is not None


Origin = Annotated[str, Fits(is_origin, "an origin such as https://risk.example.org")]
Issuer = Annotated[str, Fits(is_issuer, "an address such as https://id.example.org/realm")]


class Console(Section, frozen=True):
    """The console. On loopback by default; elsewhere it asks for TLS, its own or a proxy's.

    `public_origin` is what stands in browsers' address bars, if that isn't host and port; `proxy`
    is the address of the proxy before it, whose word for the client's address is taken. A session
    ends after `idle_minutes` without a request, and after `session_hours` in any case. Sign-in
    through OpenID Connect needs `oidc_issuer`, `oidc_client` and `oidc_secret`.
    """

    host: Host = "127.0.0.1"
    port: Port = 8000
    session_hours: Annotated[int, msgspec.Meta(ge=1, le=30 * DAY_HOURS)] = 12
    idle_minutes: Annotated[int, msgspec.Meta(ge=1, le=30 * DAY_HOURS * 60)] = 60
    tls_cert: File | None = None
    tls_key: File | None = None
    public_origin: Origin | None = None
    proxy: Host | None = None
    oidc_issuer: Issuer | None = None
    oidc_client: Text | None = None
    oidc_secret: Secret | None = None
    oidc_scope: Options = "openid email"
    oidc_claim: Text = "email"  # the claim that is a user's name here
    api: bool = False  # the HTTP API (section api) is served here, too

    @property
    def origin(self) -> str:
        """The address that people open: scheme, host and port."""
        if self.public_origin:
            return self.public_origin
        scheme = "https" if self.tls_cert else "http"
        return f"{scheme}://{in_url(self.host)}:{self.port}"

    @property
    def secure(self) -> bool:
        """Whether browsers reach it by TLS alone."""
        return self.origin.startswith("https://")

    @property
    def on_loopback(self) -> bool:
        """Whether only this machine reaches it."""
        return self.host in LOOPBACK

    @property
    def is_private(self) -> bool:
        """Whether what browsers send it crosses no network in clear: by TLS, or on this machine.

        A container's server listens on all of its addresses, and its port is published on loopback.
        """
        found = _ORIGIN.fullmatch(self.public_origin or "")
        if self.on_loopback or not found:
            return self.on_loopback
        return self.secure or found[1].strip("[]") in LOOPBACK
