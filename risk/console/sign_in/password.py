"""Signing in with name and password, and signing out."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from risk.console.guard import text_of
from risk.console.sign_in.begin import MOST_NEXT, begun, next_of
from risk.console.site import address_of, site
from risk.ops.users.sign_in import Locked, Refused, with_password
from risk.registry import sessions


def form(request: Request) -> Response:
    """The form; its visitor gets the cookie that the form's token follows from."""
    return _form(request, request.query_params.get("next", ""))


def sign_in(request: Request) -> Response:
    """A session, and on to where the visitor wanted to go; or the form, and why not."""
    own = site(request)
    name, password = text_of(request, "name"), text_of(request, "password")
    wanted = text_of(request, "next")
    try:
        token = with_password(own.pool, own.settings.console, name, password, address_of(request))
    except Locked as error:
        response = _form(request, wanted, str(error), name, 429)
        response.headers["retry-after"] = str(error.wait_s)
        return response
    except Refused as error:
        return _form(request, wanted, str(error), name, 401)
    return begun(request, token, wanted)


def sign_out(request: Request) -> Response:
    """The session ends, here and in Postgres."""
    own = site(request)
    if token := own.cookies.session(request):
        with own.pool.session() as cursor:
            sessions.end(cursor, token)
    response = RedirectResponse("/sign-in", 303)
    own.cookies.end(response)
    return response


def _form(
    request: Request, wanted: str, problem: str = "", name: str = "", status: int = 200
) -> Response:
    own = site(request)
    own.cookies.welcome(request)
    response = own.page(
        request, "sign_in.html", status,
        next=next_of(wanted[:MOST_NEXT]), problem=problem, name=name[:128],
        provider=own.settings.console.oidc_issuer,
    )  # fmt: skip
    own.cookies.keep_visitor(request, response)
    return response
