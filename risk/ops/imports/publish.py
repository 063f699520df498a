"""The sequence of an import to Kafka, with the place in it up to which all is acknowledged."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from confluent_kafka import KafkaError, KafkaException, Producer

from generator.publish import ENVELOPE, PRODUCER
from risk.config.settings import Settings
from risk.errors import UserError
from risk.kafka.client import client_config
from risk.ops.imports.history import Message

CHUNK: Final = 2_000  # messages after which the place is told
CHUNK_S: Final = 1.0  # or this long after the first of them
MOST_CHUNKS: Final = 5  # on their way: what a kill makes to be sent again is no more
POLL_S: Final = 0.1
LAST_S: Final = 10.0  # how long a stopped import waits for what is on its way


class _Chunk:
    """Some messages in a row, and how many of them the broker has yet to acknowledge."""

    def __init__(self) -> None:
        self.size = self.left = 0
        self.full = False
        self.error: KafkaError | None = None
        self.begun = time.monotonic()

    def acknowledge(self, error: KafkaError | None, _: object) -> None:
        if error is None:
            self.left -= 1
        else:
            self.error = error


class Publisher:
    """Sends messages; `acknowledged` is told up to which one all are there."""

    def __init__(self, settings: Settings, acknowledged: Callable[[int], object]) -> None:
        size = settings.kafka.max_record_bytes + ENVELOPE
        config: Mapping[str, Any] = {**client_config(settings.kafka), **PRODUCER}
        self._producer = Producer({**config, "message.max.bytes": size})
        self._servers = settings.kafka.servers
        self._topics = (settings.topics.transactions, settings.topics.feedback)
        self._acknowledged = acknowledged
        self._chunks: deque[_Chunk] = deque()
        self._error: KafkaError | None = None
        self.stopped = False
        self.done = 0  # acknowledged, of the whole sequence

    def stop(self) -> None:
        """End soon: nothing more is sent."""
        self.stopped = True

    def run(self, messages: Iterable[Message], skip: int, rate: float | None) -> None:
        """Send all but the first `skip`, at most `rate` payments a second, and wait for them.

        Raises `UserError` if the broker refuses one, or doesn't answer for two minutes.
        """
        self.done = skip
        begin, sent = time.monotonic(), 0
        chunk = _Chunk()
        for number, message in enumerate(messages):
            if self.stopped or self._error:
                break
            if number < skip:
                continue
            if rate and not message.label:
                self._wait_until(begin + sent / rate)
                sent += 1
            if not chunk.size:
                chunk.begun = time.monotonic()
                self._chunks.append(chunk)
            self._send(message, chunk)
            chunk.size += 1
            if chunk.size == CHUNK or time.monotonic() - chunk.begun > CHUNK_S:
                chunk.full = True
                chunk = _Chunk()
                while len(self._chunks) >= MOST_CHUNKS and not (self.stopped or self._error):
                    self._producer.poll(POLL_S)
                    self._settle()
            elif not chunk.size % 64:
                self._producer.poll(0)
                self._settle()
        chunk.full = True
        self._finish()

    def _send(self, message: Message, chunk: _Chunk) -> None:
        topic = self._topics[message.label]
        while not self._error:
            try:
                self._producer.produce(
                    topic, message.value, message.key, on_delivery=chunk.acknowledge
                )
                chunk.left += 1
                return
            except BufferError:
                self._producer.poll(POLL_S)
            except KafkaException as error:
                self._error = error.args[0]

    def _settle(self) -> None:
        """Tell how far all is acknowledged."""
        before = self.done
        self._error = self._error or next((one.error for one in self._chunks if one.error), None)
        while self._chunks and self._chunks[0].full and not self._chunks[0].left:
            self.done += self._chunks.popleft().size
        if self.done > before:
            self._acknowledged(self.done)

    def _wait_until(self, due: float) -> None:
        while (left := due - time.monotonic()) > 0 and not (self.stopped or self._error):
            self._producer.poll(max(0.001, min(left, POLL_S)))

    def _finish(self) -> None:
        end = time.monotonic() + LAST_S
        while len(self._producer) and not self._error:
            if self.stopped and time.monotonic() > end:
                break
            self._producer.flush(POLL_S)
            self._settle()
        self._settle()
        if self._error:
            self._producer.purge()
            why = self._error.str()
            raise UserError(
                f"kafka: {self._servers}: {why}: {self.done:,} messages are there: "
                "when the broker is well, --resume goes on"
            )
