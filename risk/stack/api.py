"""The HTTP API as one of the embedded servers."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

from risk.config.settings import Settings, to_environment
from risk.config.types import in_url
from risk.paths import ROOT
from risk.stack import process
from risk.stack.direct import open_url
from risk.stack.process import Home

NAME = "api"


class Api:
    """The process of `risk api run`."""

    name = NAME

    def __init__(self, settings: Settings, home: Home) -> None:
        self._settings = settings
        self._home = home

    def addresses(self) -> list[tuple[str, int]]:
        """Its one listener."""
        return [(self._settings.api.host, self._settings.api.port)]

    def processes(self) -> list[str]:
        """Its one process."""
        return [NAME]

    def start(self) -> None:
        """Start it."""
        process.spawn(
            self._home,
            NAME,
            [Path(sys.prefix) / "bin" / "risk", "api", "run"],
            env=os.environ | to_environment(self._settings),
            cwd=ROOT,
        )

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

    def stop(self) -> None:
        """Stop it; what it has taken is in Kafka."""
        process.stop(self._home, NAME)


def create(settings: Settings, home: Home) -> Api:
    """The server for these settings."""
    return Api(settings, home)
