"""A producer that is made anew once one of its messages has timed out.

A client of librdkafka that is told, by a broker on its way down, that a partition has no leader may
never send to that partition again: it says so of each message, once that has timed out
(https://github.com/confluentinc/librdkafka/issues/5430). A new client isn't hurt.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from confluent_kafka import KafkaError, Message, Producer

log = logging.getLogger(__name__)


class RenewedProducer:
    """`current` takes messages. Those that earlier ones still have are sent, or time out.

    `renewals` counts how often it was made anew. `poll`, `flush`, `purge` and the reports of
    messages are one thread's.
    """

    def __init__(self, make: Callable[[], Producer]) -> None:
        self._make = make
        self.current = make()
        self._made = time.monotonic()
        self._earlier: list[Producer] = []
        self.renewals = 0

    def failed(self, error: KafkaError, message: Message) -> None:
        """To be told each report of a failure."""
        if error.code() != KafkaError._MSG_TIMED_OUT:
            return
        if time.monotonic() - (message.latency() or 0.0) >= self._made:  # not of an earlier one
            log.warning("kafka: a message has timed out: what comes now goes by a new client")
            self.renew()

    def renew(self) -> None:
        """What comes now goes by a new client."""
        self._earlier.append(self.current)
        self.current, self._made = self._make(), time.monotonic()
        self.renewals += 1

    def poll(self, timeout: float) -> None:
        """Take reports, for so many seconds at most."""
        self.current.poll(timeout)
        if self._earlier:
            for one in self._earlier:
                one.poll(0)
            self._earlier = [one for one in self._earlier if len(one)]

    def flush(self, timeout: float) -> None:
        """Wait until nothing is on its way, for so many seconds at most of each client."""
        for one in (*self._earlier, self.current):
            one.flush(timeout)

    def purge(self) -> None:
        """Give up what is on its way; reports say so."""
        for one in (*self._earlier, self.current):
            one.purge()

    def __len__(self) -> int:
        """How many messages are on their way."""
        return len(self.current) + sum(len(one) for one in self._earlier)
