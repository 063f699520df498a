"""HTTP to the engine's own servers: never by a proxy, whatever the environment names one for."""

from __future__ import annotations

import urllib.request
from http.client import HTTPException, HTTPResponse
from typing import cast

_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def open_url(request: str | urllib.request.Request, timeout_s: float) -> HTTPResponse:
    """The answer to a request. Raises OSError, of which `urllib.error.HTTPError` is one."""
    try:
        return cast(HTTPResponse, _opener.open(request, timeout=timeout_s))
    except HTTPException as error:  # what answers there speaks no HTTP
        raise OSError(f"no answer in HTTP: {error}") from error
