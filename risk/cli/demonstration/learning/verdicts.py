"""Somebody finds out about fraud, some time after it: verdicts go to risk.feedback."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import Final

from risk.background import Background
from risk.cli.demonstration.tail import Tail
from risk.config.settings import Settings
from risk.engine.feedback import Feedback, build
from risk.engine.messages import Label
from risk.errors import UserError
from risk.ops.feedback.send import send

POLL_S: Final = 0.5
BY: Final = "risk demo"


class Verdicts(Background):
    """Says of each fraud of a run what it was, `late_s` after it is known to have happened.

    In a thread of its own. What is not due when it ends is not said.
    """

    def __init__(self, settings: Settings, tail: Tail, late_s: float) -> None:
        super().__init__()
        self._settings, self._tail, self._late_s = settings, tail, late_s
        self._due: deque[tuple[float, Label]] = deque()
        self._seen = 0
        self._error: UserError | None = None
        self.sent = 0

    def end(self) -> int:
        """Say no more; how many were said. Raises what went wrong."""
        self.stop()
        if self._error:
            raise self._error
        return self.sent

    def _run(self) -> None:
        try:
            while not self._ended.wait(POLL_S):
                self._notice()
                if said := list(self._ripe()):
                    self.sent += send(self._settings, said)
        except UserError as failed:
            self._error = failed

    def _notice(self) -> None:
        """Which frauds there are that were not there before."""
        now = time.monotonic()
        with self._tail:
            labels = self._tail.tally.labels
            new = list(islice(labels.values(), self._seen, None))
        self._seen += len(new)
        self._due += [(now, label) for label in new if label.fraud]

    def _ripe(self) -> Iterator[Feedback]:
        while self._due and self._due[0][0] + self._late_s <= time.monotonic():
            _, one = self._due.popleft()
            payment = one.event_id, one.user_id, one.event_time
            yield build(payment, "fraud", "chargeback", time.time_ns() // 1_000_000, BY)
