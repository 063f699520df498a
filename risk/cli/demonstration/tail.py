"""Reads all topics of a run as they are written, and counts."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence

from confluent_kafka import OFFSET_END, Consumer, KafkaException, Message, TopicPartition

from risk.cli.demonstration.tally import Tally
from risk.config.names import DEMO_READER
from risk.config.settings import Settings
from risk.engine.features.catalogue import USER_WINDOW
from risk.errors import UserError
from risk.kafka.client import client_config
from risk.kafka.ranges import kept_offsets

ANSWER_S = 10.0
POLL_S = 0.05
BATCH = 1_000
# Before the run, for duplicates of what an earlier run sent: as long as an event is remembered.
EARLIER_MS = 2 * USER_WINDOW

Offsets = dict[str, dict[int, int]]


class Tail:
    """A consumer in a thread of its own. Its `tally` is complete once `behind` says 0.

    It begins where topics end now, unless another `begin` is given. With `at_leisure` it reads
    twice a second, which spares the broker hundreds of answers.
    """

    def __init__(
        self,
        settings: Settings,
        ruleset: tuple[str, int],
        begin: Offsets | None = None,
        at_leisure: bool = False,
    ) -> None:
        topics = settings.topics
        self._settings = settings
        self._names = (topics.transactions, topics.scores, topics.late, topics.dlq, topics.labels)
        client: dict[str, str | int | bool] = {
            **client_config(settings.kafka),
            "group.id": DEMO_READER,  # asked for, but nothing is ever committed under it
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "auto.offset.reset": "error",
            "fetch.wait.max.ms": 500 if at_leisure else 20,
            "fetch.min.bytes": 65_536 if at_leisure else 1,
            "fetch.message.max.bytes": max(1_048_576, settings.kafka.max_record_bytes),
        }
        self._consumer = Consumer(client)
        # Where topics end is asked by another: a consumer that a thread reads from answers no one.
        self._asker = Consumer(client)
        self._lock = threading.Lock()  # held while the tally changes
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._error: str | None = None
        self.begin = begin or self._ends()
        self._position = {topic: dict(found) for topic, found in self.begin.items()}
        self.tally = Tally(ruleset, self.begin[topics.transactions])
        self.first_score: float | None = None  # time.monotonic() when it was read

    def start(self) -> None:
        """Begin to read."""
        places = [
            TopicPartition(topic, partition, offset)
            for topic, found in ({**self.begin, **self._earlier()}).items()
            for partition, offset in found.items()
        ]
        self._consumer.assign(places)
        self._thread.start()

    def stop(self) -> None:
        """End; what has been counted stays."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()
        self._consumer.close()
        self._asker.close()

    def end(self, at: Mapping[int, int] | None = None) -> None:
        """No payment that is sent from now on is of this run; or none from these offsets on."""
        topic = self._settings.topics.transactions
        ends = at or self._ends((topic,))[topic]
        with self:
            self.tally.cut(ends)

    def __enter__(self) -> threading.Lock:
        self._lock.acquire()
        self.check()
        return self._lock

    def __exit__(self, *error: object) -> None:
        self._lock.release()

    def check(self) -> None:
        """Raise what has ended the thread."""
        if self._error:
            raise UserError(f"{self._error}: see `risk status`")

    def written(self, topic: str) -> int:
        """How many records the topic has got since the run began."""
        ends = self._ends((topic,))[topic]
        return sum(ends.values()) - sum(self.begin[topic].values())

    def behind(self) -> int:
        """How many records of all topics are yet to be read."""
        self.check()
        ends = self._ends()
        return sum(
            max(0, end - self._position[topic][partition])
            for topic, found in ends.items()
            for partition, end in found.items()
        )

    def _run(self) -> None:
        try:
            while not self._ended.is_set():
                messages = self._consumer.consume(BATCH, timeout=POLL_S)
                with self._lock:
                    for message in messages:
                        self._take(message)
        except (KafkaException, ValueError, KeyError) as error:
            self._error = f"{type(error).__name__}: {error}"

    def _take(self, message: Message) -> None:
        if message.error() is not None:
            raise KafkaException(message.error())
        topic, place = message.topic(), (message.partition(), message.offset())
        topics, tally = self._settings.topics, self.tally
        if topic == topics.transactions:
            tally.transaction(place, message.timestamp()[1], message.value())
        elif topic == topics.scores:
            tally.score(message.timestamp()[1], message.value())
            self.first_score = self.first_score or time.monotonic()
        elif topic == topics.late:
            tally.late(message.value())
        elif topic == topics.dlq:
            tally.dead_letter(topics.transactions, dict(message.headers() or ()))
        else:
            tally.label(message.value())
        self._position[topic][place[0]] = place[1] + 1

    def _ends(self, names: Sequence[str] = ()) -> Offsets:
        """The offset after each partition's last record."""
        try:
            found: Offsets = {}
            for topic in names or self._names:
                partitions = self._asker.list_topics(topic, timeout=ANSWER_S).topics[topic]
                found[topic] = {
                    p: kept_offsets(self._asker, TopicPartition(topic, p))[1]
                    for p in partitions.partitions
                }
            return found
        except KafkaException as error:
            raise UserError(f"kafka: {error.args[0].str()}: see `risk status`") from None

    def _earlier(self) -> Mapping[str, dict[int, int]]:
        """Where the transactions begin that the run's may repeat."""
        topic = self._settings.topics.transactions
        since = int(time.time() * 1_000) - EARLIER_MS
        wanted = [TopicPartition(topic, p, since) for p in self.begin[topic]]
        found = self._asker.offsets_for_times(wanted, timeout=ANSWER_S)
        ends = self.begin[topic]
        return {
            topic: {
                f.partition: ends[f.partition] if f.offset in (OFFSET_END, -1) else f.offset
                for f in found
            }
        }
