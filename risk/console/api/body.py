"""Bodies: bounded in bytes and in time, and cut into the items that they hold."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec
from starlette.requests import ClientDisconnect, Request

from risk.config.settings import Api
from risk.console.api.problem import Problem

JSON: Final = "application/json"
LINES: Final = ("application/x-ndjson", "application/ndjson", "application/jsonl")
# So many times the limit is read, and forgotten, of a body that is too large: a client that still
# sends when the connection is closed may never see why.
DRAINED: Final = 4
_BLANKS: Final = b" \t\r\n"

_items = msgspec.json.Decoder(list[msgspec.Raw]).decode


class Items(NamedTuple):
    """The JSON texts of a body, unread; `many` unless it is one object that stands alone."""

    raws: Sequence[bytes]
    many: bool


async def items(request: Request, limits: Api, lines: bool = True) -> Items:
    """Read a body that is an object, an array of them, or, with `lines`, one a line.

    Raises `Problem`.
    """
    kind = _media_type(request, (JSON, *LINES) if lines else (JSON,))
    raw = await _read(request, limits)
    if kind in LINES:
        found = [line for line in raw.split(b"\n") if line.strip(_BLANKS)]
    elif raw.lstrip(_BLANKS).startswith(b"["):
        try:
            found = [bytes(item) for item in _items(raw)]
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            raise Problem("bad_request", f"not JSON: {error}", code="not_json") from None
    else:
        return Items([raw], many=False)
    if not found:
        raise Problem("invalid", "there is nothing in the body: send one at least", code="empty")
    if len(found) > limits.max_payments:
        raise Problem(
            "too_large",
            f"{len(found):,} in one body: send up to {limits.max_payments:,} (api.max_payments)",
        )
    return Items(found, many=True)


def _media_type(request: Request, known: Sequence[str]) -> str:
    """The body's type. Raises `Problem` for another, or one that is compressed."""
    given = request.headers.getlist("content-type")
    kind, *parameters = [part.strip().lower() for part in (given or [""])[0].split(";")]
    wanted = f"send {' or '.join(known)}, in UTF-8"
    accept = {"accept-post": ", ".join(known)}
    if len(given) != 1 or kind not in known:
        shown = ascii(kind[:80])[1:-1] if kind else "none"
        raise Problem("unsupported_type", f"content-type is {shown}: {wanted}", headers=accept)
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name == "charset" and value.strip('"') not in ("utf-8", "utf8"):
            raise Problem("unsupported_type", f"charset is not UTF-8: {wanted}", headers=accept)
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise Problem("unsupported_type", "content-encoding: send it as it is, not compressed")
    return kind


async def _read(request: Request, limits: Api) -> bytes:
    most = limits.max_body_bytes
    large = f"more than {most:,} bytes (api.max_body_bytes): send fewer at once"
    length = request.headers.get("content-length", "")
    if length.isdecimal() and (len(length) > 18 or int(length) > DRAINED * most):
        raise Problem("too_large", large, headers={"connection": "close"})
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(limits.body_timeout_ms / 1_000):
            async for part in request.stream():
                size += len(part)
                if size <= most:
                    parts.append(part)
                elif size > DRAINED * most:
                    break
    except TimeoutError:
        raise Problem(
            "slow_body",
            f"not whole after {limits.body_timeout_ms:,} ms (api.body_timeout_ms): nothing done",
            headers={"connection": "close"},
        ) from None
    except ClientDisconnect:
        raise Problem("bad_request", "the body broke off: nothing was done") from None
    if size > most:
        raise Problem("too_large", large, headers={"connection": "close"})
    return b"".join(parts)
