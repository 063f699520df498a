"""While something is away the intake holds its batch, and its consumer stays in the group."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable
from typing import Final

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

FIRST_PAUSE_S: Final = 0.2
LONGEST_PAUSE_S: Final = 10.0

log = logging.getLogger(__name__)


class Hold:
    """For one batch and one thing that may be away. `told` is given what is waited for, or None."""

    def __init__(
        self, consumer: Consumer, stop: threading.Event, told: Callable[[str | None], None]
    ) -> None:
        self._consumer, self._stop, self._told = consumer, stop, told
        self._pause_s = FIRST_PAUSE_S
        self._problem: str | None = None

    def wait(self, problem: str) -> bool:
        """Wait a while, longer each time: False if it was stopped meanwhile."""
        if problem != self._problem:
            log.warning("%s: waiting for it", problem)
        self._problem = problem
        self._told(problem)
        if self._stop.wait(self._pause_s):
            return False
        # A consumer that doesn't ask for long is put out of its group: it asks for nothing.
        self._consumer.pause(self._consumer.assignment())
        self._put_back(self._consumer.poll(0))
        self._pause_s = min(2 * self._pause_s, LONGEST_PAUSE_S)
        return True

    def over(self, who: str) -> None:
        """It is there, and answers; if it was waited for, that is told."""
        if self._problem is not None:
            log.info("%s is back", who)
            self._told(None)
            self._consumer.resume(self._consumer.assignment())

    def _put_back(self, message: Message | None) -> None:
        """A partition that came with a change of the group isn't paused yet: it is read again."""
        if message is not None and message.error() is None:
            place = TopicPartition(message.topic(), message.partition(), message.offset())
            with contextlib.suppress(KafkaException):  # it has gone already
                self._consumer.seek(place)
