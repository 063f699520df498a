"""The intake of alerts into cases, a process of this project's own."""

from __future__ import annotations

import urllib.error

from risk.config.settings import Settings
from risk.config.types import in_url
from risk.stack.direct import open_url
from risk.stack.process import Home
from risk.stack.risk_process import RiskProcess


class Cases(RiskProcess):
    """`risk cases run`. Stopped, it goes on from where it was."""

    name = "cases"

    def addresses(self) -> list[tuple[str, int]]:
        """Where it says how it is."""
        return [(self._settings.cases.host, self._settings.cases.port)]

    def problem(self) -> str | None:
        """Healthy: it works, or waits for what is away; `risk up` starts that beside it."""
        cases = self._settings.cases
        url = f"http://{in_url(cases.host)}:{cases.port}/"
        try:
            open_url(url, 3).close()
        except urllib.error.HTTPError:  # it says what it waits for
            return None
        except OSError:
            return f"no answer at {url}"
        return None


def create(settings: Settings, home: Home) -> Cases:
    """The server for these settings."""
    return Cases(settings, home)
