"""A process of a benchmark's own: it says when it is ready, is told when to start, and reports."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from typing import Any

from risk.errors import StackError

READY_S = 60.0


class Child:
    """Runs `work(*args, pipe)` in a fresh interpreter; ready once this is made.

    The work sends anything, receives the start, and sends its result. With `fork` it has a copy of
    this interpreter: for arguments that can't be pickled, and only while there are no threads.
    """

    def __init__(self, work: Callable[..., None], *args: Any, fork: bool = False) -> None:
        self._name = work.__name__
        self._pipe, its = multiprocessing.Pipe()
        spawned, forked = multiprocessing.get_context("spawn"), multiprocessing.get_context("fork")
        process: type[BaseProcess] = forked.Process if fork else spawned.Process
        self._process = process(target=work, args=(*args, its), daemon=True)
        self._process.start()
        its.close()
        if not self._pipe.poll(READY_S):
            raise StackError(f"{self._name}: no answer from its process")
        self._receive()

    def start(self, message: Any) -> None:
        """Let it begin."""
        self._pipe.send(message)

    def answer(self) -> Any:
        """What it says next. Raises `StackError` if it died."""
        return self._receive()

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
