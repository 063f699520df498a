"""What a call of the API is: one row of the table that the server and its description come from."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

from starlette.responses import Response

from risk.console.api.asked import Asked
from risk.registry.api_keys import Scope

Handler = Callable[[Asked], Awaitable[Response]]
Schema = Mapping[str, Any]


class Parameter(NamedTuple):
    """A parameter of a query, or a word of a path."""

    about: str
    schema: Schema
    example: str = ""


class Body(NamedTuple):
    """What a request brings: a `schema`; with `many` also an array, with `lines` one a line."""

    schema: str
    about: str
    many: bool = True
    lines: bool = False


class Call(NamedTuple):
    """A method on a path, whose words in braces are parameters.

    `answers` are schemas by status, `problems` the kinds that are this call's own. Without a
    `scope` no key is asked for.
    """

    method: str
    path: str
    handler: Handler
    about: str
    scope: Scope | None
    answers: Mapping[int, tuple[str, str]]
    problems: tuple[str, ...] = ()
    query: Mapping[str, Parameter] = {}
    words: Mapping[str, Parameter] = {}
    body: Body | None = None

    @property
    def parts(self) -> tuple[str, ...]:
        """The words of the path."""
        return tuple(self.path.strip("/").split("/"))

    def match(self, path: tuple[str, ...]) -> dict[str, str] | None:
        """The words that the parameters stand for; None if it is another path."""
        if len(path) != len(self.parts):
            return None
        found = {}
        for own, given in zip(self.parts, path, strict=True):
            if own.startswith("{"):
                found[own[1:-1]] = given
            elif own != given:
                return None
        return found
