"""Users: their roles, and locking one out. They are added by `risk user add`."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from risk.console.guard import text_of
from risk.console.roles import ORDER
from risk.console.site import site, viewer_of
from risk.registry import sessions, users


def page(request: Request) -> Response:
    """All users."""
    own = site(request)
    with own.pool.session() as cursor:
        found = users.listed(cursor)
    return own.page(request, "users.html", users=found, roles=ORDER)


def change_role(request: Request) -> Response:
    """Another role for a user, from their next request on."""
    name, role = _other(request), text_of(request, "role")
    if role not in ORDER:
        raise HTTPException(400, f"role: one of {', '.join(ORDER)}.")
    with site(request).pool.session() as cursor:
        if not users.set_role(cursor, name, role):
            raise HTTPException(404, "There is no such user.")
    return RedirectResponse("/users", 303)


def disable(request: Request) -> Response:
    """Lock a user out, and end their sessions; or let them in again."""
    name, disabled = _other(request), text_of(request, "disabled") == "1"
    with site(request).pool.session() as cursor:
        if not users.disable(cursor, name, disabled):
            raise HTTPException(404, "There is no such user.")
        if disabled:
            sessions.end_all_of(cursor, name)
    return RedirectResponse("/users", 303)


def _other(request: Request) -> str:
    """The user of the address: another than who asks, so that an admin is always left."""
    name: str = request.path_params["name"]
    if not name.isprintable():
        raise HTTPException(404, "There is no such user.")
    viewer = viewer_of(request)
    if viewer is None or name == viewer.name:
        raise HTTPException(400, "That is you: ask another admin.")
    return name
