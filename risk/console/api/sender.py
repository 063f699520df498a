"""Publishes payments: every one acknowledged by all replicas, or it is said that nobody knows."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from time import time
from typing import Any, Final

from confluent_kafka import TIMESTAMP_LOG_APPEND_TIME, KafkaError, KafkaException, Message

from generator.publish import ENVELOPE, PRODUCER
from generator.renewed import RenewedProducer
from risk.config.settings import Settings
from risk.console.api.problem import Problem
from risk.kafka import long_lived
from risk.kafka.quiet import SILENT

LINGER_MS: Final = 1
POLL_S: Final = 0.1
LOOK_S: Final = 1.0  # how long the broker may take to say that it is there
MOST_QUEUED: Final = 20_000  # messages that wait for the broker: more are not taken
LAST_S: Final = 5.0
HEADER: Final = "risk-api-key"  # on each message: the name of the key that it came with

Report = Callable[[str], None]  # told an error, or "" once all replicas have it

log = logging.getLogger(__name__)


class Sender:
    """A producer with a thread of its own, which hands what it hears to the event loop."""

    def __init__(self, settings: Settings, loop: asyncio.AbstractEventLoop) -> None:
        self._topic, self._servers = settings.topics.transactions, settings.kafka.servers
        self._loop = loop
        self._reports: list[tuple[Report, str]] = []  # of the thread alone
        self._behind_ms = 0  # of this clock, behind the broker's
        self.away = "not yet asked"  # why nothing can be sent now; empty: it can
        self._stopped = threading.Event()
        config = {
            **SILENT,
            **PRODUCER,
            "linger.ms": LINGER_MS,
            "message.timeout.ms": settings.api.delivery_timeout_ms,
            "message.max.bytes": settings.kafka.max_record_bytes + ENVELOPE,
            "queue.buffering.max.messages": 2 * MOST_QUEUED,
            "error_cb": self._went_wrong,
        }
        self._producer = RenewedProducer(lambda: long_lived.producer(settings.kafka, config))
        self._thread = threading.Thread(target=self._serve, name="sender", daemon=True)

    def start(self) -> None:
        """Begin to look for the broker."""
        self._thread.start()

    def stop(self) -> None:
        """Wait for what is on its way, a few seconds at most. Blocks."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(LAST_S + 2 * LOOK_S)

    def now(self) -> int:
        """The broker's time in ms UTC, at least: it is no earlier when a message is appended."""
        return time_ms() + self._behind_ms

    def check(self, count: int) -> None:
        """Raise `Problem` unless so many can be sent now."""
        if self.away:
            detail = f"kafka: {self.away}: nothing was sent: send it again"
            raise Problem("kafka_unavailable", detail)
        if len(self._producer) + count > MOST_QUEUED:
            raise Problem(
                "kafka_unavailable",
                "kafka: slower than what comes: nothing was sent: send it again",
                code="overloaded",
            )

    def send(self, messages: Sequence[tuple[str, bytes, Report]], by: str) -> None:
        """Hand on (user_id, message, report) in this order; each report is called in the loop."""
        headers: Any = {HEADER: by.encode()}
        for user_id, message, report in messages:
            try:
                self._producer.current.produce(
                    self._topic,
                    message,
                    user_id.encode(),
                    headers=headers,
                    on_delivery=self._reporter(report),
                )
            except (BufferError, KafkaException) as error:
                self._loop.call_soon(report, str(error) or "not taken")

    def _reporter(self, report: Report) -> Callable[[KafkaError | None, Message], None]:
        def delivered(error: KafkaError | None, message: Message) -> None:
            if error is None:
                kind, at = message.timestamp()
                if kind == TIMESTAMP_LOG_APPEND_TIME:
                    self._behind_ms = at - time_ms()
                self._reports.append((report, ""))
            else:
                self._producer.failed(error, message)
                if error.code() == KafkaError._MSG_TIMED_OUT:
                    self.away = f"no answer from {self._servers}"
                self._reports.append((report, error.str()))

        return delivered

    def _serve(self) -> None:
        while not self._stopped.is_set():
            if self.away:
                self._look()
            self._producer.poll(POLL_S)
            self._tell()
        self._producer.flush(LAST_S)
        self._tell()

    def _tell(self) -> None:
        if self._reports:
            told, self._reports = self._reports, []
            self._loop.call_soon_threadsafe(_call, told)

    def _look(self) -> None:
        """See whether the broker is there, with the topic."""
        try:
            topics = self._producer.current.list_topics(self._topic, timeout=LOOK_S).topics
            found = topics[self._topic]
        except KafkaException:
            self.away = f"no broker at {self._servers}"
            return
        if found.error is not None or not found.partitions:
            self.away = f"no topic {self._topic}: `risk provision` makes it"
            return
        log.info("kafka: %s answers", self._servers)
        self.away = ""

    def _went_wrong(self, error: KafkaError) -> None:
        if error.code() == KafkaError._ALL_BROKERS_DOWN or error.fatal():
            if not self.away:
                log.warning("kafka: %s", error.str())
            self.away = f"no broker at {self._servers}"


def time_ms() -> int:
    """This machine's time, in ms UTC."""
    return int(time() * 1_000)


def _call(told: Sequence[tuple[Report, str]]) -> None:
    for report, error in told:
        report(error)
