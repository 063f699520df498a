"""HTTP to the engine's own servers: never by a proxy, whatever the environment names one for."""

from __future__ import annotations

import ssl
import urllib.request
from functools import cache
from http.client import HTTPException, HTTPResponse
from typing import cast


def open_url(
    request: str | urllib.request.Request, timeout_s: float, authority: str | None = None
) -> HTTPResponse:
    """The answer to a request; `authority` is the one that signed the server's certificate.

    Raises OSError, of which `urllib.error.HTTPError` is one.
    """
    try:
        return cast(HTTPResponse, _opener(authority).open(request, timeout=timeout_s))
    except HTTPException as error:  # what answers there speaks no HTTP
        raise OSError(f"no answer in HTTP: {error}") from error


@cache
def _opener(authority: str | None) -> urllib.request.OpenerDirector:
    handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler({})]
    if authority is not None:
        context = ssl.create_default_context(cafile=authority)
        handlers.append(urllib.request.HTTPSHandler(context=context))
    return urllib.request.build_opener(*handlers)
