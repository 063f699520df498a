"""The intake of alerts into cases, a process of this project's own."""

from __future__ import annotations

import os
import sys
import urllib.error
from pathlib import Path

from risk.config.settings import Settings, to_environment
from risk.config.types import in_url
from risk.paths import ROOT
from risk.stack import process
from risk.stack.direct import open_url
from risk.stack.process import Home

NAME = "cases"


class Cases:
    """`risk cases run`."""

    name = NAME

    def __init__(self, settings: Settings, home: Home) -> None:
        self._settings = settings
        self._home = home

    def addresses(self) -> list[tuple[str, int]]:
        """Where it says how it is."""
        return [(self._settings.cases.host, self._settings.cases.port)]

    def processes(self) -> list[str]:
        """One."""
        return [NAME]

    def start(self) -> None:
        """Start it unless it runs."""
        if not process.alive(self._home, NAME):
            process.spawn(
                self._home,
                NAME,
                [Path(sys.prefix) / "bin" / "risk", "cases", "run"],
                env=os.environ | to_environment(self._settings),
                cwd=ROOT,
            )

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

    def stop(self) -> None:
        """Stop it: where it was it goes on from."""
        process.stop(self._home, NAME)


def create(settings: Settings, home: Home) -> Cases:
    """The server for these settings."""
    return Cases(settings, home)
