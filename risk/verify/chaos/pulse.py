"""A payment to each partition, twice a second, and how long each has waited for its decision.

What no probe can tell afterwards is told by these: for how long nothing was decided, and since when
everything is at once again.
"""

from __future__ import annotations

import contextlib
import itertools
import threading
import time
from collections.abc import Callable
from typing import Any, Final

import msgspec
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition

from generator.renewed import RenewedProducer
from risk.config.names import CLI_READER
from risk.config.settings import Settings
from risk.engine.payment.transaction import Transaction, encode
from risk.kafka.client import client_config
from risk.kafka.scan import offsets
from risk.verify.chaos.beats import Beat, Beats
from risk.waiting import until
from sinks.store import Payment

EVERY_S: Final = 0.5
POLL_S: Final = 0.05
CONNECT_S: Final = 15.0
SETTINGS: Final[dict[str, Any]] = {
    "linger.ms": 0,
    "acks": "all",
    "enable.idempotence": True,
    "message.timeout.ms": 60_000,  # longer than a broker is away
}

Acknowledged = Callable[[Message], None]


class _Decided(msgspec.Struct):
    event_id: str


def payment(mark: str, number: int, partition: int, event_time: int) -> Transaction:
    """One with nothing special about it: of a user, a device and an address of its own."""
    name = f"{mark}-{partition}-{number}"
    return Transaction(
        event_id=f"pulse-{name}",
        user_id=f"pulse-user-{name}",
        event_time=event_time,
        amount=1_000,
        currency="EUR",
        merchant_id="m-pulse",
        merchant_category="5411",
        channel="pos",
        country="DE",
        ip=f"2001:db8::{partition:x}:{number >> 16:x}:{number & 0xFFFF:x}",
        device_id=f"pulse-device-{name}",
        card_token="tok_pulse",  # noqa: S106
        source="pulse",
    )


class Pulse:
    """Two threads: one sends, one reads risk.scores from its end on.

    `mark` makes its ids its own. `acknowledged` is told each record that the broker has.
    """

    def __init__(self, settings: Settings, mark: str, acknowledged: Acknowledged) -> None:
        self.beats = Beats()
        self._settings, self._mark, self._acknowledged = settings, mark, acknowledged
        self._partitions = sorted(offsets(settings, settings.topics.transactions))
        config = {**client_config(settings.kafka), **SETTINGS}
        self._producer = RenewedProducer(lambda: Producer(config))
        self._ended = threading.Event()
        self._threads = [
            threading.Thread(target=work, daemon=True) for work in (self._send, self._read)
        ]
        self._consumer = self._at_the_end()

    def start(self) -> None:
        """Begin to send, and to read."""
        for thread in self._threads:
            thread.start()

    def stop(self, patience_s: float) -> int:
        """Send no more, and wait for what was sent; how many are undecided when time is up."""
        self._ended.set()
        self._threads[0].join()
        self._producer.flush(patience_s)
        until(lambda: not self.beats.waiting(), patience_s)
        self.close()
        return self.beats.waiting()

    def close(self) -> None:
        """End both threads as soon as can be; once more does nothing."""
        if self.beats.closed:
            return
        self._ended.set()
        self.beats.closed = True
        for thread in self._threads:
            if thread.is_alive():
                thread.join()
        self._consumer.close()

    def _send(self) -> None:
        due = time.monotonic()
        for number in itertools.count():
            now = time.time_ns() // 1_000_000
            for partition in self._partitions:
                self._beat(payment(self._mark, number, partition, now), partition)
            due += EVERY_S
            while (left := due - time.monotonic()) > 0 and not self._ended.is_set():
                self._producer.poll(min(left, POLL_S))
            if self._ended.is_set():
                return

    def _beat(self, txn: Transaction, partition: int) -> None:
        payment: Payment = (txn.event_id, txn.user_id, txn.event_time)
        beat = Beat(payment, time.monotonic())

        def told(error: KafkaError | None, message: Message) -> None:
            if error is not None:
                self.beats.drop(beat)  # nobody has acknowledged it
                self._producer.failed(error, message)
            else:
                self._acknowledged(message)

        self.beats.add(beat)
        try:
            topic = self._settings.topics.transactions
            self._producer.current.produce(topic, encode(txn), txn.user_id, partition, told)
        except (BufferError, KafkaException):
            self.beats.drop(beat)

    def _read(self) -> None:
        decode = msgspec.json.Decoder(_Decided).decode
        while not self.beats.closed:
            message = self._consumer.poll(POLL_S)
            if message is None or message.error() or not message.value():
                continue
            with contextlib.suppress(msgspec.DecodeError):  # somebody's nonsense
                self.beats.decided(decode(message.value()).event_id, time.monotonic())

    def _at_the_end(self) -> Consumer:
        consumer = Consumer(
            {
                **client_config(self._settings.kafka),
                "group.id": CLI_READER,
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
            }
        )
        topic = self._settings.topics.scores
        ends = offsets(self._settings, topic)
        consumer.assign([TopicPartition(topic, p, high) for p, (_, high) in ends.items()])
        return consumer
