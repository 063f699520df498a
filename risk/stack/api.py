"""The HTTP API as one of the embedded servers."""

from __future__ import annotations

import socket

from risk.config.settings import Settings
from risk.config.types import in_url
from risk.stack.direct import open_url
from risk.stack.process import Home
from risk.stack.risk_process import RiskProcess


class Api(RiskProcess):
    """The process of `risk api run`."""

    name = "api"
    role = "api"

    def addresses(self) -> list[tuple[str, int]]:
        """Its one listener."""
        return [(self._settings.api.host, self._settings.api.port)]

    def problem(self) -> str | None:
        """Healthy: it answers. What it needs may be away: `/readyz` tells that."""
        api = self._settings.api
        try:
            if api.tls_cert is None:
                open_url(f"{api.url}/healthz", 3).close()
            else:  # whose certificate may be for another name than this address
                socket.create_connection((api.host, api.port), 3).close()
        except OSError:
            return f"no answer at {in_url(api.host)}:{api.port}"
        return None


def create(settings: Settings, home: Home) -> Api:
    """The server for these settings."""
    return Api(settings, home)
