"""What `risk drift` shows while it reads: a line on a terminal, elsewhere one now and then."""

from __future__ import annotations

import sys
from threading import Event, Thread
from types import TracebackType
from typing import Final, Self

from risk.cli.common import make_console
from risk.cli.live_view import LiveView

EVERY_S: Final = 2.0


class Progress(LiveView):
    """Says what `say` was told last. A statement may take minutes, so a thread keeps saying it."""

    def __init__(self) -> None:
        self._text, self._told, self._ended = "", "", Event()
        self._thread = Thread(target=self._tell, daemon=True)
        super().__init__(make_console(stderr=True), lambda: self._text)
        self._live.transient = True

    def say(self, words: str) -> None:
        """Note what is being done."""
        self._text = words

    def __enter__(self) -> Self:
        if not self._console.is_terminal:
            self._thread.start()
        return super().__enter__()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._ended.set()
        super().__exit__(kind, error, at)

    def _tell(self) -> None:
        while not self._ended.wait(EVERY_S):
            if self._text != self._told:
                self._told = self._text
                print(self._told, file=sys.stderr, flush=True)
