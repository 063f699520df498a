"""The console: the page that analysts work in."""

from __future__ import annotations

import socket
import urllib.error

from risk.config.settings import Settings
from risk.config.types import in_url
from risk.stack.direct import open_url
from risk.stack.process import Home
from risk.stack.risk_process import RiskProcess


class Console(RiskProcess):
    """The process that serves it. Without Kafka or Postgres it runs, and says what is away."""

    name = "console"

    def addresses(self) -> list[tuple[str, int]]:
        """The one for browsers."""
        return [(self._settings.console.host, self._settings.console.port)]

    def problem(self) -> str | None:
        """Healthy: it answers. By TLS its certificate is for another name than is asked here."""
        console = self._settings.console
        address = f"{in_url(console.host)}:{console.port}"
        if console.tls_cert is not None:
            return _closed(console.host, console.port)
        try:
            open_url(f"http://{address}/healthz", 3).close()
        except urllib.error.HTTPError as error:
            return f"http://{address}/healthz answers {error.code}"
        except OSError:
            return f"no answer at http://{address}"
        return None


def create(settings: Settings, home: Home) -> Console:
    """The server for these settings."""
    return Console(settings, home)


def _closed(host: str, port: int) -> str | None:
    try:
        socket.create_connection((host, port), 3).close()
    except OSError:
        return f"no answer at {in_url(host)}:{port}"
    return None
