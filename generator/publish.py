"""A stream to Kafka: at the pace of its records, or as fast as it goes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec
from confluent_kafka import KafkaError, KafkaException, Message, Producer

from generator.partition import PARTITIONER, partition
from generator.record import KINDS, Kind, Record
from generator.renewed import RenewedProducer
from generator.tally import Tally
from risk.config.settings import Settings

CONNECT_S = 15.0
TICK_S = 0.25  # how often `tick` is called, and so how soon a stop is noticed
LAST_S = 10.0  # how long a stopped stream waits for what is on its way
ENVELOPE = 4_096  # what a record batch needs beyond its records
PRODUCER: Mapping[str, str | int] = {
    "acks": "all",
    "enable.idempotence": True,
    "compression.type": "lz4",
    "linger.ms": 5,
    "partitioner": PARTITIONER,
    "message.timeout.ms": 120_000,
    "queue.buffering.max.messages": 100_000,
    "queue.buffering.max.kbytes": 131_072,
}


class Unreachable(Exception):
    """The broker doesn't answer, or has no such topic: the message says which."""


class _Truth(msgspec.Struct, gc=False):
    attack: str | None


class Publisher:
    """Publishes one stream and keeps its tally. `client` has librdkafka's way to the broker.

    `acknowledged` is told each record of risk.transactions that the broker has.
    """

    def __init__(
        self,
        settings: Settings,
        client: Mapping[str, Any],
        tick: Callable[[], None],
        acknowledged: Callable[[Message], object] | None = None,
    ) -> None:
        self.tally = Tally()
        self.interrupted = False  # by `stop`; a fatal error ends a stream too
        self._stopped = False
        self._tick, self._next_tick = tick, 0.0
        self._acknowledged = acknowledged
        self._topics = settings.topics
        size = settings.kafka.max_record_bytes + ENVELOPE
        config = {**client, **PRODUCER, "message.max.bytes": size}
        self._producer = RenewedProducer(lambda: Producer(config))
        self._truth = msgspec.json.Decoder(_Truth).decode
        self._acknowledge = {kind: self._acknowledger(kind) for kind in KINDS}

    def partitions(self) -> int:
        """How many partitions there are. Raises `Unreachable` if a topic is missing."""
        topics = self._topics
        try:
            found = self._producer.current.list_topics(timeout=CONNECT_S).topics
        except KafkaException:
            raise Unreachable("no broker") from None
        for name in (topics.transactions, topics.labels):
            if name not in found:
                raise Unreachable(f"no topic {name}")
        return len(found[topics.transactions].partitions)

    def run(self, records: Iterable[Record], paced: bool) -> None:
        """Publish until the records end or `stop` is called, and wait for the acknowledgements.

        Paced, each record is sent when it is due, or at once when that is over: the schedule
        never moves. What isn't delivered is counted in the tally.
        """
        partitions = self.partitions()
        topics = self._topics
        start = time.monotonic()
        for record in records:
            if paced:
                self._wait_until(start + record.due_ms / 1_000)
            self._serve(0)
            if self._stopped:
                break
            # Without a key the producer would draw a partition: a stream must not depend on that.
            where = partition(record.value, partitions) if record.key is None else -1
            self._send(
                topics.transactions,
                record.value,
                record.key,
                where,
                self._acknowledge[record.kind],
            )
            if record.label is not None:
                self._send(topics.labels, record.label, record.key, -1, self._labelled)
        self._finish()

    def stop(self) -> None:
        """End soon: nothing more is sent, and what is on its way gets a few seconds."""
        self.interrupted = self._stopped = True

    def _wait_until(self, due: float) -> None:
        left = due - time.monotonic()
        self.tally.behind(max(0.0, -left))
        while left > 0 and not self._stopped:
            # The client counts in whole milliseconds: less would be a busy loop.
            self._serve(max(0.001, min(left, TICK_S)))
            left = due - time.monotonic()

    def _send(
        self,
        topic: str,
        value: bytes,
        key: bytes | None,
        where: int,
        then: Callable[[KafkaError | None, Message], None],
    ) -> None:
        while True:
            try:
                self._producer.current.produce(topic, value, key, where, then)
                return
            except BufferError:  # the broker is slower than we are
                if self._stopped:
                    return
                self._serve(TICK_S)
            except KafkaException as error:
                self.tally.failed(error.args[0].str())
                self._stopped = self._stopped or error.args[0].fatal()
                return

    def _serve(self, timeout: float) -> None:
        """Take acknowledgements, for so long at most; tell how it goes now and then."""
        self._producer.poll(timeout)
        now = time.monotonic()
        if now >= self._next_tick:
            self._next_tick = now + TICK_S
            self.tally.in_flight = len(self._producer)
            self.tally.renewals = self._producer.renewals
            self._tick()

    def _finish(self) -> None:
        end = time.monotonic() + LAST_S
        while len(self._producer):
            if self._stopped and time.monotonic() > end:
                self._producer.purge()
            self._producer.flush(TICK_S)
            self._serve(0)
            if not self._stopped:
                end = time.monotonic() + LAST_S

    def _acknowledger(self, kind: Kind) -> Callable[[KafkaError | None, Message], None]:
        tally, heard = self.tally, self._acknowledged

        def acknowledge(error: KafkaError | None, message: Message) -> None:
            if error is None:
                tally.delivered(kind, message.latency() or 0.0)
                if heard is not None:
                    heard(message)
            else:
                tally.failed(error.str())
                self._producer.failed(error, message)

        return acknowledge

    def _labelled(self, error: KafkaError | None, message: Message) -> None:
        if error is not None:
            self.tally.failed(error.str())
            self._producer.failed(error, message)
            return
        attack = self._truth(message.value()).attack
        self.tally.truth[attack or "none"] += 1
