"""Signing in through OpenID Connect: the authorization code flow, with PKCE.

State, nonce and the verifier follow from the visitor's cookie, which no page can read. So nothing
has to be kept between leaving and coming back, and an answer that another browser began is refused.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any, Final

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from risk.console.sign_in.begin import begun
from risk.console.sign_in.id_token import Untrusted, claims
from risk.console.site import Site, address_of, site
from risk.ops.users.sign_in import Refused, with_claim

TIMEOUT_S: Final = 10.0
BACK: Final = "/sign-in/provider/back"
DISCOVERY: Final = "/.well-known/openid-configuration"
AWAY: Final = "The provider doesn't answer as it should. Try again, or sign in with a password."


def leave(request: Request) -> Response:
    """On to the provider."""
    own = _with_provider(request)
    own.cookies.welcome(request)
    visitor = own.cookies.visitor(request) or ""
    with httpx.Client(timeout=TIMEOUT_S) as plain:
        there = _discovered(plain, str(own.settings.console.oidc_issuer))
    with _client(own) as client:
        address, _ = client.create_authorization_url(
            there["authorization_endpoint"],
            state=_follows(visitor, "state"),
            code_verifier=_follows(visitor, "verifier"),
            nonce=_follows(visitor, "nonce"),
        )
    response = RedirectResponse(address, 303)
    own.cookies.keep_visitor(request, response)
    return response


def back(request: Request) -> Response:
    """Back from the provider with a code: a session for whom it vouches."""
    own = _with_provider(request)
    visitor, given = own.cookies.visitor(request), request.query_params
    state = given.get("state", "").encode(errors="replace")
    if not visitor or not hmac.compare_digest(_follows(visitor, "state").encode(), state):
        raise HTTPException(403, "This sign-in began elsewhere, or too long ago. Begin anew.")
    if "code" not in given:
        raise HTTPException(403, "The provider has refused.")
    try:
        name = _name(own, visitor, given["code"])
        token = with_claim(own.pool, own.settings.console, name, address_of(request))
    except (Refused, Untrusted) as error:
        raise HTTPException(403, str(error)) from None
    return begun(request, token, "")


def name_in(found: Mapping[str, Any], claim: str) -> str:
    """The user's name out of what the provider says. Raises `Untrusted`.

    An e-mail address counts only if the provider has checked it: else anyone could claim one.
    """
    name = found.get(claim)
    if not isinstance(name, str) or not name:
        raise Untrusted(f"The provider doesn't say {claim}.")
    if claim == "email" and found.get("email_verified") is not True:
        raise Untrusted("The provider hasn't verified this e-mail address.")
    return name


def _name(own: Site, visitor: str, code: str) -> str:
    console = own.settings.console
    issuer, client_id = str(console.oidc_issuer), str(console.oidc_client)
    with httpx.Client(timeout=TIMEOUT_S) as plain, _client(own) as client:
        there = _discovered(plain, issuer)
        try:
            verifier = _follows(visitor, "verifier")
            answer = client.fetch_token(there["token_endpoint"], code=code, code_verifier=verifier)
            token = answer["id_token"]
            keys = plain.get(there["jwks_uri"]).raise_for_status().json()
        except (httpx.HTTPError, AuthlibBaseError, ValueError, KeyError, TypeError):
            raise HTTPException(502, AWAY) from None
    found = claims(token, keys, issuer, client_id, _follows(visitor, "nonce"))
    return name_in(found, console.oidc_claim)


def _client(own: Site) -> OAuth2Client:
    console = own.settings.console
    return OAuth2Client(
        console.oidc_client,
        console.oidc_secret,
        scope=console.oidc_scope,
        redirect_uri=console.origin + BACK,
        code_challenge_method="S256",
        timeout=TIMEOUT_S,
    )


def _with_provider(request: Request) -> Site:
    own = site(request)
    if own.settings.console.oidc_issuer is None:
        raise HTTPException(404, "No provider is set up here.")
    return own


def _discovered(client: httpx.Client, issuer: str) -> dict[str, str]:
    """What the provider says of itself. It has to call itself what the settings call it."""
    try:
        found = client.get(issuer.rstrip("/") + DISCOVERY).raise_for_status().json()
        same = found["issuer"] == issuer
        needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        there = {name: str(found[name]) for name in needed}
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        raise HTTPException(502, AWAY) from None
    if not same:
        raise HTTPException(502, AWAY)
    return there


def _follows(visitor: str, what: str) -> str:
    """43 characters that only the holder of the cookie's token, the console, can compute."""
    found = hmac.digest(visitor.encode(), f"oidc {what}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(found).rstrip(b"=").decode()
