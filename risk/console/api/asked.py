"""What a call is given: the key, the words of the path, the query, and what all calls share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote_to_bytes

from starlette.requests import Request

from risk.console.api.problem import Problem
from risk.console.api.services import Services
from risk.registry.api_keys import Key

MOST_PARAMETERS = 20
_BROKEN = re.compile(r"%(?![0-9A-Fa-f]{2})")


class Asked(NamedTuple):
    """A request whose key is known and may do this; `key` is None where none is needed."""

    services: Services
    request: Request
    key: Key | None
    path: Mapping[str, str]
    query: Mapping[str, str]

    def may(self, scope: str) -> bool:
        """Whether the key has a scope beside that of the call."""
        return self.key is not None and scope in self.key.scopes

    @property
    def by(self) -> str:
        """The key's name."""
        assert self.key is not None
        return self.key.name

    @property
    def address(self) -> str:
        """The client's; of a proxy's clients as the proxy says it, if its word is taken."""
        return self.request.client.host if self.request.client else "unknown"


def words(raw: bytes) -> list[str]:
    """The words of a path, which may hold any character, `%2F` too. Raises `Problem`."""
    found = []
    for part in raw.split(b"/"):
        text = part.decode("latin-1")
        try:
            if _BROKEN.search(text):
                raise ValueError
            found.append(unquote_to_bytes(part).decode())
        except ValueError:
            raise Problem(
                "bad_request", "the path is not percent-encoded UTF-8: encode each id of it"
            ) from None
    return found


def query(raw: bytes, known: Mapping[str, object]) -> dict[str, str]:
    """The query's parameters, each once, and none but the known ones. Raises `Problem`."""
    text = raw.decode("latin-1")
    try:
        if _BROKEN.search(text):
            raise ValueError
        pairs = parse_qsl(
            text, keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS
        )
    except ValueError:
        raise Problem(
            "bad_request", f"the query is not up to {MOST_PARAMETERS} parameters in UTF-8"
        ) from None
    found: dict[str, str] = {}
    for name, value in pairs:
        shown = ascii(name[:64])[1:-1]
        if name not in known:
            there = f"there are {', '.join(known)}" if known else "there is none here"
            raise Problem("bad_request", f"no parameter {shown}: {there}", parameter=shown)
        if name in found:
            raise Problem("bad_request", f"{shown}: stands twice: give it once", parameter=shown)
        found[name] = value
    return found
