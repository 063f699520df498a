"""What a line of the table of routes says."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, Literal, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from risk.registry.users import Role

Handler = Callable[[Request], Response] | Callable[[Request], Awaitable[Response]]
Method = Literal["GET", "POST"]

FORM_BYTES: Final = 65_536


class Page(NamedTuple):
    """An address, who may ask for it, and who answers.

    `role` is the least that is needed; None: no sign-in is. What the page asks by itself in the
    `background` doesn't keep a session alive. Of a body more than `most_bytes` is refused.
    """

    method: Method
    path: str
    handler: Handler
    role: Role | None
    background: bool = False
    most_bytes: int = FORM_BYTES
