"""The intake: reads risk.alerts into cases, sends verdicts, and ends snoozes that are over.

At least once: offsets are committed after the cases are, and the same alert again changes nothing.
What no case can be made of is in risk.dlq by then. While Postgres is away, or Kafka takes no dead
letter, it holds its batch and stays in its group; what it misses while it doesn't run waits in
Kafka.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from itertools import count
from typing import Final, NamedTuple

import msgspec
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from flink_jobs.letters import INVALID, REFUSED
from risk.config.names import CASES_GROUP
from risk.config.settings import Settings
from risk.engine.decoding import decoder
from risk.engine.delivery import Unavailable
from risk.engine.messages import Alert
from risk.engine.refusals import Limit
from risk.errors import UserError
from risk.kafka import long_lived
from risk.kafka.quiet import SILENT
from risk.ops.cases.halving import all_but_refused
from risk.ops.cases.hold import Hold
from risk.ops.cases.put_aside import Aside, DeadLetters
from risk.ops.cases.queue import wake_due
from risk.ops.cases.take_in import Taken
from risk.ops.cases.verdicts import send_due
from risk.registry.cases.session import within

BATCH: Final = 500
POLL_S: Final = 0.2
CHORES_S: Final = 1.0
_KAFKA: Final = "kafka: "

log = logging.getLogger(__name__)
_decode = decoder(Alert)


class Report(msgspec.Struct):
    """How the intake is, since it was started. `problem` says what it waits for."""

    opened: int = 0
    alerts: int = 0
    corrected: int = 0
    known: int = 0
    refused: int = 0  # records that are no alerts, and alerts that Postgres will never take
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

    def stuck(self, problem: str | None) -> None:
        """On Postgres, which says why; None: it is no longer."""
        self.problem = problem

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
    intake = _Intake(settings, stop, report)
    try:
        intake.run()
    finally:
        intake.close()
    return report


class _Intake:
    """What it reads with, and where it puts aside what no case can be made of."""

    def __init__(self, settings: Settings, stop: threading.Event, report: Report) -> None:
        self._settings, self._stop, self._report = settings, stop, report
        self._consumer, self._letters = _consumer(settings), DeadLetters(settings)
        self._limit = Limit(settings.delivery.refused_limit)

    def run(self) -> None:
        self._consumer.subscribe([self._settings.topics.alerts])
        chores_at = 0.0
        while not self._stop.is_set():
            messages = self._consumer.consume(BATCH, timeout=POLL_S)
            batch = _read(messages, self._report)
            if not (self._take_in(batch) and self._put_aside(batch)):
                break
            self._commit(messages)
            if time.monotonic() >= chores_at:
                self._chores()
                chores_at = time.monotonic() + CHORES_S

    def close(self) -> None:
        self._letters.close()
        self._consumer.close()

    def _take_in(self, batch: _Batch) -> bool:
        """Whether it is done; it isn't if it was stopped while Postgres was away.

        Alerts that Postgres will never take join what is put aside.
        """
        if not batch.alerts:
            return True
        settings, hold = self._settings, Hold(self._consumer, self._stop, self._report.stuck)
        for tries in count(1):
            doubt = tries < settings.delivery.doubtful_tries
            try:
                taken, refused = all_but_refused(settings, batch.alerts, self._limit, doubt)
                break
            except Unavailable as error:
                if not hold.wait(str(error)):
                    return False
        self._report.add(taken)
        batch.aside.extend(Aside(batch.records[one.at], REFUSED, one.reason) for one in refused)
        hold.over("postgres")
        return True

    def _put_aside(self, batch: _Batch) -> bool:
        """Whether it is done; it isn't if it was stopped while Kafka took no dead letter."""
        left, hold = batch.aside, Hold(self._consumer, self._stop, self._report.waits)
        while left:
            left, why = self._letters.send(left, self._stop)
            if left and not hold.wait(why):
                return False
        self._report.refused += len(batch.aside)
        hold.over(self._settings.topics.dlq)
        return True

    def _commit(self, messages: Sequence[Message]) -> None:
        """That these are done."""
        ends = {
            (one.topic(), one.partition()): one.offset() + 1
            for one in messages
            if one.error() is None
        }
        if not ends:
            return
        try:
            places = [TopicPartition(*place, offset) for place, offset in ends.items()]
            self._consumer.commit(offsets=places, asynchronous=False)
        except KafkaException as error:  # they come again, and are known
            self._report.waits(error.args[0].str())

    def _chores(self) -> None:
        report = self._report
        try:
            with within(self._settings) as cursor:
                wake_due(cursor)
            report.verdicts += send_due(self._settings)
        except (Unavailable, UserError) as error:
            if report.problem != str(error):
                log.warning("%s", error)
            report.problem = str(error)
        else:
            report.problem = None


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
            batch.aside.append(Aside(message, INVALID, str(wrong)))
            continue
        batch.alerts.append(found)
        batch.records.append(message)
    return batch
