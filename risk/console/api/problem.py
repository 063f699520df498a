"""What is wrong with a request, as the client is told: `application/problem+json` (RFC 9457)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec
from starlette.responses import Response

from risk.engine.delivery import Unavailable

MEDIA_TYPE: Final = "application/problem+json"
URN: Final = "urn:risk:problem:"


class Kind(NamedTuple):
    """A kind of problem: its status, and a title that is the same for all of that kind."""

    status: int
    title: str


KINDS: Final[Mapping[str, Kind]] = {
    "bad_request": Kind(400, "The request can't be read"),
    "unauthorized": Kind(401, "There is no valid key"),
    "forbidden": Kind(403, "The key may not do this"),
    "not_found": Kind(404, "There is no such thing"),
    "method_not_allowed": Kind(405, "This can't be done here"),
    "slow_body": Kind(408, "The body didn't come in time"),
    "conflict": Kind(409, "Another payment has this id"),
    "too_large": Kind(413, "The body is too large"),
    "unsupported_type": Kind(415, "The body is of another type"),
    "invalid": Kind(422, "A field is wrong"),
    "rate_limited": Kind(429, "Too many requests"),
    "internal": Kind(500, "Something went wrong here"),
    "kafka_unavailable": Kind(503, "Kafka is away: nothing was sent"),
    "delivery_unknown": Kind(503, "Kafka hasn't said whether it has the payment"),
    "store_unavailable": Kind(503, "A store is away"),
    "keys_unavailable": Kind(503, "Keys can't be checked"),
}
RETRY_S: Final = {
    "kafka_unavailable": 2,
    "delivery_unknown": 2,
    "store_unavailable": 5,
    "keys_unavailable": 5,
}
# How the engine's messages name a field: in front of a colon, or in msgspec's words.
_FIELD: Final = re.compile(
    r"([A-Za-z_][\w.-]{0,63})(?:, [a-z]+)?: |.*missing required field `(\w+)`"
)


class Fault(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is wrong with one item of a body. `field` and `index` are None where there is none."""

    code: str
    detail: str
    field: str | None = None
    index: int | None = None


class Problem(Exception):
    """A request that isn't done. `more` are further members of the problem, none of them a secret.

    `code` is one of `KINDS`, or what the engine calls it, with the `kind` that it is of.
    """

    def __init__(
        self,
        kind: str,
        detail: str,
        *,
        code: str = "",
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(detail)
        self.kind, self.status, self.title = kind, *KINDS[kind]
        detail = detail.encode(errors="backslashreplace").decode()  # as JSON can hold it
        self.body = {
            "type": URN + kind.replace("_", "-"),
            "title": self.title,
            "status": self.status,
            "detail": detail,
            "code": code or kind,
            **{name: value for name, value in more.items() if value is not None},
        }
        self.headers = dict(headers or {})
        if kind in RETRY_S:
            self.headers.setdefault("retry-after", str(RETRY_S[kind]))

    def response(self) -> Response:
        """The answer."""
        content = msgspec.json.encode(self.body)
        return Response(
            content, self.status, {"cache-control": "no-store", **self.headers}, MEDIA_TYPE
        )


def unavailable(error: Unavailable, then: str = "ask again") -> Problem:
    """The problem of a store that is away; `then` says what to do."""
    line = str(error).partition("\n")[0]
    return Problem("store_unavailable", f"{line}: {then}")


def field_of(message: str) -> str | None:
    """The field that a message of the engine is about; None if it names none."""
    found = _FIELD.match(message)
    return (found[1] or found[2]) if found else None


def of_faults(kind: str, faults: Sequence[Fault], many: bool, most: int = 100) -> Problem:
    """The problem of a body with faults: the first in `detail`, all (up to `most`) in `errors`."""
    first = faults[0]
    where = f"payment {first.index}: " if many and first.index is not None else ""
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    errors = [msgspec.to_builtins(one) for one in faults[:most]]
    return Problem(
        kind,
        f"{where}{first.detail}{more}",
        code=first.code,
        field=first.field,
        index=first.index if many else None,
        errors=errors if many else None,
    )
