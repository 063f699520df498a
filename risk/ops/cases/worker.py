"""The intake: reads risk.alerts into cases, sends verdicts, and ends snoozes that are over.

At least once: offsets are committed after the cases are, and the same alert again changes nothing.
What no case can be made of is in risk.dlq by then.
While Postgres is away it holds its batch and stays in its group; what it misses while it doesn't
run waits in Kafka.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from risk.config.names import CASES_GROUP
from risk.config.settings import Settings
from risk.engine.decoding import decoder
from risk.engine.delivery import Unavailable
from risk.engine.messages import Alert
from risk.engine.refusals import Limit
from risk.errors import UserError
from risk.kafka import long_lived
from risk.kafka.quiet import SILENT
from risk.ops.cases.letters import Aside, DeadLetters
from risk.ops.cases.queue import wake_due
from risk.ops.cases.refusals import all_but_refused
from risk.ops.cases.take_in import Taken
from risk.ops.cases.verdicts import send_due
from risk.registry.cases.session import within

BATCH: Final = 500
POLL_S: Final = 0.2
CHORES_S: Final = 1.0
LONGEST_PAUSE_S: Final = 10.0
_KAFKA: Final = "kafka: "

log = logging.getLogger(__name__)
_decode = decoder(Alert)


class Report(msgspec.Struct):
    """How the intake is, since it was started. `problem` says what it waits for."""

    opened: int = 0
    alerts: int = 0
    corrected: int = 0
    known: int = 0
    refused: int = 0  # records that are no alerts, and alerts that Postgres never takes
    erased: int = 0  # alerts whose users were
    verdicts: int = 0  # sent
    problem: str | None = None

    def add(self, taken: Taken) -> None:
        """Count what became of a batch."""
        self.opened += taken.opened
        self.alerts += taken.added
        self.corrected += taken.corrected
        self.known += taken.known
        self.erased += taken.erased

    def waits(self, problem: str | None) -> None:
        """For Kafka, which says why; None: it does no longer."""
        if problem is not None:
            self.problem = f"{_KAFKA}{problem}"
        elif self.problem and self.problem.startswith(_KAFKA):
            self.problem = None


class _Batch(NamedTuple):
    """Alerts with the records that they came in, and what is put aside."""

    alerts: list[Alert]
    records: list[Message]
    aside: list[Aside]


def run(settings: Settings, stop: threading.Event, report: Report | None = None) -> Report:
    """Work until `stop`; `report` is kept up to date. Raises nothing that passes by itself."""
    report = report or Report()
    consumer, letters = _consumer(settings), DeadLetters(settings)
    try:
        consumer.subscribe([settings.topics.alerts])
        chores_at, limit = 0.0, Limit(settings.delivery.refused_limit)
        while not stop.is_set():
            messages = consumer.consume(BATCH, timeout=POLL_S)
            batch = _read(messages, report)
            if not _take_in(settings, consumer, batch, stop, report, limit):
                break
            if not letters.put(batch.aside, stop, report.waits):
                break
            report.refused += len(batch.aside)
            _commit(consumer, messages, report)
            if time.monotonic() >= chores_at:
                _chores(settings, report)
                chores_at = time.monotonic() + CHORES_S
    finally:
        letters.close()
        consumer.close()
    return report


def _consumer(settings: Settings) -> Consumer:
    return long_lived.consumer(
        settings.kafka,
        {
            **SILENT,
            "group.id": CASES_GROUP,
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "fetch.wait.max.ms": 100,
        },
    )


def _read(messages: Sequence[Message], report: Report) -> _Batch:
    """The alerts among records, and what is none. A tombstone, of an erasure, says nothing."""
    batch = _Batch([], [], [])
    for message in messages:
        error = message.error()
        if error is not None:
            if error.code() != KafkaError._PARTITION_EOF:
                report.waits(error.str())
            continue
        report.waits(None)
        if (value := message.value()) is None:
            continue
        try:
            found = _decode(value)
            if found.decision == "ALLOW":
                raise ValueError("decision: ALLOW raises no alert")
        except ValueError as wrong:  # msgspec's errors are, too
            batch.aside.append(Aside(message, "invalid_message", str(wrong)))
            continue
        batch.alerts.append(found)
        batch.records.append(message)
    return batch


def _take_in(
    settings: Settings,
    consumer: Consumer,
    batch: _Batch,
    stop: threading.Event,
    report: Report,
    limit: Limit,
) -> bool:
    """Whether it is done; it isn't if it was stopped while Postgres was away.

    Alerts that Postgres would never take join what is put aside.
    """
    pause_s = POLL_S
    held, tries = False, 0
    while batch.alerts:
        tries += 1
        doubt = tries < settings.delivery.doubtful_tries
        try:
            taken, refused = all_but_refused(settings, batch.alerts, limit, doubt)
        except Unavailable as error:
            if report.problem != str(error):
                log.warning("%s: waiting for it", error)
            report.problem = str(error)
            if stop.wait(pause_s):
                return False
            # A consumer that doesn't ask for long is put out of its group: it asks for nothing.
            consumer.pause(consumer.assignment())
            _put_back(consumer, consumer.poll(0))
            held, pause_s = True, min(2 * pause_s, LONGEST_PAUSE_S)
            continue
        report.add(taken)
        batch.aside.extend(Aside(batch.records[one.at], "refused", one.reason) for one in refused)
        break
    if held:
        log.info("postgres is back")
        report.problem = None
        consumer.resume(consumer.assignment())
    return True


def _put_back(consumer: Consumer, message: Message | None) -> None:
    """A partition that came with a change of the group isn't paused yet: it is read again."""
    if message is not None and message.error() is None:
        place = TopicPartition(message.topic(), message.partition(), message.offset())
        with contextlib.suppress(KafkaException):  # it has gone already
            consumer.seek(place)


def _commit(consumer: Consumer, messages: Sequence[Message], report: Report) -> None:
    """That these are done."""
    ends = {
        (one.topic(), one.partition()): one.offset() + 1 for one in messages if one.error() is None
    }
    if not ends:
        return
    try:
        places = [TopicPartition(*place, offset) for place, offset in ends.items()]
        consumer.commit(offsets=places, asynchronous=False)
    except KafkaException as error:  # they come again, and are known
        report.waits(error.args[0].str())


def _chores(settings: Settings, report: Report) -> None:
    try:
        with within(settings) as cursor:
            wake_due(cursor)
        report.verdicts += send_due(settings)
    except (Unavailable, UserError) as error:
        if report.problem != str(error):
            log.warning("%s", error)
        report.problem = str(error)
    else:
        report.problem = None
