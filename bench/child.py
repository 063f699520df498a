"""A process of a benchmark's own: it says when it is ready, is told when to start, and reports."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from typing import Any

from stack.process import StackError

READY_S = 60.0


class Child:
    """Runs `work(*args, pipe)` in a fresh interpreter; ready once this is made.

    The work sends anything, receives the start, and sends its result.
    """

    def __init__(self, work: Callable[..., None], *args: Any) -> None:
        self._name = work.__name__
        context = multiprocessing.get_context("spawn")
        self._pipe, its = context.Pipe()
        self._process = context.Process(target=work, args=(*args, its), daemon=True)
        self._process.start()
        its.close()
        if not self._pipe.poll(READY_S):
            raise StackError(f"{self._name}: no answer from its process")
        self._receive()

    def start(self, message: Any) -> None:
        """Let it begin."""
        self._pipe.send(message)

    def result(self) -> Any:
        """What it reports in the end. Raises `StackError` if it died."""
        found = self._receive()
        self._process.join()
        return found

    def stop(self) -> None:
        """End it, if it still runs."""
        self._process.terminate()
        self._process.join()

    def _receive(self) -> Any:
        try:
            return self._pipe.recv()
        except EOFError:
            raise StackError(f"{self._name}: its process died") from None
