"""Listens to Postgres for all browsers together, for as long as the console runs: one thread."""

from __future__ import annotations

import threading
from typing import Final

from risk.config.settings import Settings
from risk.console.live.changes import Changes
from risk.engine.delivery import Unavailable
from risk.registry.cases.listen import listening

PAUSE_S: Final = 1.0  # between two tries to connect


class Listener:
    """Fills `changes` until it is stopped. Each new connection begins them anew."""

    def __init__(self, settings: Settings, changes: Changes) -> None:
        self._settings, self._changes = settings, changes
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="cases")

    def start(self) -> None:
        """Begin to listen, now or as soon as Postgres is there."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._listen()
            except Unavailable:
                self._stopped.wait(PAUSE_S)

    def _listen(self) -> None:
        with listening(self._settings) as come:
            self._changes.begin()
            while not self._stopped.is_set():
                for changed in come():
                    self._changes.add(changed)
