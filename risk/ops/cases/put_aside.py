"""What no case can be made of is put aside into risk.dlq, as what a store refuses is."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from confluent_kafka import KafkaError, KafkaException, Message

from flink_jobs.letters import dead_letter, record
from flink_jobs.logs import MOST_LINES, put_aside
from generator.publish import ENVELOPE, PRODUCER
from generator.renewed import RenewedProducer
from risk.config.names import CASES_STAGE
from risk.config.settings import Settings
from risk.engine.stages.base import Raw
from risk.kafka import long_lived
from risk.kafka.quiet import SILENT

ANSWER_MS: Final = 10_000  # after that a letter is sent again, and it is said why
POLL_S: Final = 0.2

log = logging.getLogger(__name__)


class Aside(NamedTuple):
    """A record to put aside: the reason in a word, and what is wrong."""

    record: Message
    reason: str
    message: str


class DeadLetters:
    """Appends to risk.dlq. At least once: whoever lists or resends them counts a record once."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        config = {
            **SILENT,
            **PRODUCER,
            "message.timeout.ms": ANSWER_MS,
            "message.max.bytes": settings.kafka.max_record_bytes + ENVELOPE,
        }
        self._producer = RenewedProducer(lambda: long_lived.producer(settings.kafka, config))

    def send(self, found: Sequence[Aside], stop: threading.Event) -> tuple[list[Aside], str]:
        """Append these: those that not all replicas have yet, and why; sooner if it is stopped."""
        left = dict(enumerate(found))
        why: dict[int, str] = {}

        def reporter(at: int) -> Callable[[KafkaError | None, Message], None]:
            def delivered(error: KafkaError | None, message: Message) -> None:
                if error is None:
                    left.pop(at, None)
                else:
                    why[at] = error.str()
                    self._producer.failed(error, message)

            return delivered

        for at, one in enumerate(found):
            key, value, headers = record(self._line(one))
            topic = self._settings.topics.dlq
            try:
                self._producer.current.produce(
                    topic, value, key, headers=headers, on_delivery=reporter(at)
                )
            except BufferError as error:  # it is sent with the next ones
                why[at] = str(error)
            except KafkaException as error:
                why[at] = error.args[0].str()
                if error.args[0].code() == KafkaError._FATAL:  # that client takes nothing again
                    self._producer.renew()
            self._producer.poll(0)
        while len(self._producer) and not stop.is_set():
            self._producer.poll(POLL_S)
        self._log([one for at, one in enumerate(found) if at not in left])
        reason = next((why[at] for at in left if at in why), "no answer")
        return [*left.values()], f"{self._settings.topics.dlq}: {reason}"

    def close(self) -> None:
        """Give up what is on its way."""
        self._producer.purge()
        self._producer.flush(POLL_S)

    def _line(self, one: Aside) -> str:
        settings, topic = self._settings, one.record.topic()
        most = settings.kafka.max_record_bytes
        said = CASES_STAGE, one.reason, one.message
        return dead_letter(topic, _raw(one.record), *said, most, settings.privacy)

    def _log(self, found: Sequence[Aside]) -> None:
        for one in found[:MOST_LINES]:
            raw, topic = _raw(one.record), one.record.topic()
            privacy = self._settings.privacy
            put_aside(log, CASES_STAGE, topic, raw, one.reason, one.message, privacy)
        if len(found) > MOST_LINES:
            log.warning("%s: %d more are put aside", CASES_STAGE, len(found) - MOST_LINES)


def _raw(message: Message) -> Raw:
    place = message.partition(), message.offset(), message.timestamp()[1]
    return Raw(*place, message.key(), message.value())
