"""Reads risk.scores from its end on, in one thread, for all payments whose decision is awaited."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from confluent_kafka import KafkaException, Message, TopicPartition

from risk.config.names import API_READER
from risk.config.settings import Settings
from risk.engine.decoding import decoder
from risk.kafka import long_lived
from risk.kafka.quiet import SILENT

POLL_S: Final = 0.1
LOOK_S: Final = 2.0  # for the broker to say where partitions end
EVERY_S: Final = 30.0  # how often new partitions are looked for
BATCH: Final = 500

Decided = Callable[[list["Decision"]], None]

log = logging.getLogger(__name__)


class Score(msgspec.Struct, frozen=True, gc=False):
    """What a client is told of a score. `scored_at` in ms UTC."""

    event_id: str
    user_id: str
    event_time: int
    ruleset: str
    ruleset_version: int
    revision: int
    score: int
    decision: str
    reasons: list[dict[str, Any]]
    scored_at: int
    kind: str = "live"
    late: bool = False


class Decision(msgspec.Struct, frozen=True, gc=False):
    """A payment's decision: `json` is what a client is told."""

    user_id: str
    event_id: str
    event_time: int
    json: bytes


_score = decoder(Score)
_encode = msgspec.json.Encoder().encode
TOLD: Final = (
    *("score", "decision", "reasons", "ruleset", "ruleset_version", "revision", "late"),
    "scored_at",
)


def decision(
    key: bytes | None, value: bytes | None, awaited: Mapping[bytes, Mapping[str, Any]]
) -> Decision | None:
    """The decision in a message of risk.scores, if it is live and awaited.

    Most messages are of others: by their keys that is known without reading them.
    """
    if key is None or value is None or (events := awaited.get(key)) is None:
        return None
    try:
        found = _score(value)
    except msgspec.DecodeError:
        return None
    if found.kind != "live" or found.event_id not in events:
        return None
    told = _encode({name: getattr(found, name) for name in TOLD})
    return Decision(found.user_id, found.event_id, found.event_time, told)


class DecisionReader:
    """`ready` once it knows where the topic ended: what is decided after that is not missed."""

    def __init__(
        self,
        settings: Settings,
        loop: asyncio.AbstractEventLoop,
        awaited: Mapping[bytes, Mapping[str, Any]],
        decided: Decided,
    ) -> None:
        self._topic, self._loop = settings.topics.scores, loop
        self._awaited, self._decided = awaited, decided
        self._assigned: set[int] = set()
        self._stopped = threading.Event()
        self.ready = False
        self._consumer = long_lived.consumer(
            settings.kafka,
            {
                **SILENT,
                "group.id": API_READER,
                "enable.auto.commit": False,
                "enable.auto.offset.store": False,
                "auto.offset.reset": "latest",
                "fetch.wait.max.ms": 500,  # an answer comes as soon as there is a byte
            },
        )
        self._thread = threading.Thread(target=self._read, name="decisions", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End. Blocks."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(2 * LOOK_S)

    def _read(self) -> None:
        next_look = 0.0
        while not self._stopped.is_set():
            if not self.ready or time.monotonic() >= next_look:
                self._assign()
                next_look = time.monotonic() + EVERY_S
            if not self.ready:
                self._stopped.wait(POLL_S)
                continue
            first = self._consumer.poll(POLL_S)
            if first is not None:
                self._tell([first, *self._consumer.consume(BATCH, 0)])
        self._consumer.close()

    def _tell(self, messages: list[Message]) -> None:
        found = [
            one
            for message in messages
            if message.error() is None
            and (one := decision(message.key(), message.value(), self._awaited)) is not None
        ]
        if found:
            self._loop.call_soon_threadsafe(self._decided, found)

    def _assign(self) -> None:
        """From the end of each partition; from the beginning of one that is added later."""
        try:
            there = self._consumer.list_topics(self._topic, timeout=LOOK_S).topics[self._topic]
            new = sorted(set(there.partitions) - self._assigned)
            if there.error is not None or not new:
                return
            places = []
            for partition in new:
                place = TopicPartition(self._topic, partition)
                low, high = self._consumer.get_watermark_offsets(place, timeout=LOOK_S)
                place.offset = low if self.ready else high
                places.append(place)
        except KafkaException as error:
            if self.ready:
                log.warning("%s: %s", self._topic, error.args[0].str())
            return
        self._consumer.incremental_assign(places)
        self._assigned |= set(new)
        self.ready = True
