"""The intake: reads risk.alerts into cases, sends verdicts, and ends snoozes that are over.

At least once: offsets are committed after the cases are, and the same alert again changes nothing.
While Postgres is away it holds its batch and stays in its group; what it misses while it doesn't
run waits in Kafka.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec
import psycopg
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from risk import logs
from risk.config.names import CASES_GROUP
from risk.config.settings import Settings
from risk.engine.decoding import decoder
from risk.engine.delivery import Refused, Unavailable, Written
from risk.engine.messages import Alert
from risk.engine.quoted import values, without
from risk.engine.refusals import Limit
from risk.errors import UserError
from risk.kafka import long_lived
from risk.kafka.quiet import SILENT
from risk.ops.cases.queue import wake_due
from risk.ops.cases.take_in import Taken, take_in
from risk.ops.cases.verdicts import send_due
from risk.registry.cases.session import within
from sinks.postgres.faults import fault, kind

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
    refused: int = 0  # records that are no alerts
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


def run(settings: Settings, stop: threading.Event, report: Report | None = None) -> Report:
    """Work until `stop`; `report` is kept up to date. Raises nothing that passes by itself."""
    report = report or Report()
    consumer = _consumer(settings)
    try:
        consumer.subscribe([settings.topics.alerts])
        chores_at, limit = 0.0, Limit(settings.delivery.refused_limit)
        while not stop.is_set():
            messages = consumer.consume(BATCH, timeout=POLL_S)
            alerts = [*_alerts(messages, report)]
            if not _take_in(settings, consumer, alerts, stop, report, limit):
                break
            _commit(consumer, messages, report)
            if time.monotonic() >= chores_at:
                _chores(settings, report)
                chores_at = time.monotonic() + CHORES_S
    finally:
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


def _alerts(messages: Sequence[Message], report: Report) -> Iterator[Alert]:
    """The alerts among records. What is none is no loss: risk.scores has every decision."""
    for message in messages:
        error = message.error()
        if error is not None:
            if error.code() != KafkaError._PARTITION_EOF:
                report.problem = f"{_KAFKA}{error.str()}"
            continue
        if report.problem and report.problem.startswith(_KAFKA):
            report.problem = None
        if (value := message.value()) is None:  # an erasure's tombstone
            continue
        try:
            found = _decode(value)
            if found.decision == "ALLOW":
                raise ValueError("decision: ALLOW raises no alert")
        except ValueError as wrong:  # msgspec's errors are, too
            report.refused += 1
            at = {
                "topic": message.topic(),
                "partition": message.partition(),
                "offset": message.offset(),
            }
            place = ":".join(map(str, at.values()))
            log.warning("%s is no alert: %s", place, wrong, extra=at)
            continue
        yield found


def _take_in(
    settings: Settings,
    consumer: Consumer,
    alerts: Sequence[Alert],
    stop: threading.Event,
    report: Report,
    limit: Limit,
) -> bool:
    """Whether it is done; it isn't if it was stopped while Postgres was away."""
    pause_s = POLL_S
    held, tries = False, 0
    while alerts:
        tries += 1
        doubt = tries < settings.delivery.doubtful_tries
        try:
            report.add(_all_but_refused(settings, alerts, report, limit, doubt))
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
        break
    if held:
        log.info("postgres is back")
        report.problem = None
        consumer.resume(consumer.assignment())
    return True


def _all_but_refused(
    settings: Settings, alerts: Sequence[Alert], report: Report, limit: Limit, doubt: bool
) -> Taken:
    """Take alerts in, without those that Postgres would never take.

    With `doubt` those that it fails on in a way that may pass are not among these yet. Raises
    `Unavailable`, also if it refuses nearly all of them for the same reason.
    """
    refused: list[Refused] = []
    taken = _in_halves(settings, alerts, refused, 0, doubt)
    written = Written(rows=len(alerts) - len(refused), refused=tuple(refused))
    if held := limit.judge(written):
        raise Unavailable(held.line("postgres"))
    for one in refused:
        alert = alerts[one.at]
        known = {
            "run": alert.run_id,
            "ruleset": f"{alert.ruleset}:{alert.ruleset_version}",
            "event": logs.event(alert.event_id or alert.alert_id),
        }
        log.warning("the alert %s is left out: %s", alert.alert_id, one.reason, extra=known)
    report.refused += len(refused)
    return taken


def _in_halves(
    settings: Settings, alerts: Sequence[Alert], refused: list[Refused], at: int, doubt: bool
) -> Taken:
    """Take alerts in; one that Postgres would never take is found by halving, and noted."""
    try:
        return take_in(settings, settings, alerts)
    except Unavailable as error:
        cause = error.__cause__
        about = fault(cause) if isinstance(cause, psycopg.Error) else "passing"
        if about == "passing" or (about == "doubtful" and doubt):
            raise
        if len(alerts) == 1:
            assert isinstance(cause, psycopg.Error)
            said = without(str(error), values(alerts[0]), settings.privacy)
            refused.append(Refused(at, said, kind(cause)))
            return Taken()
    middle = len(alerts) // 2
    first = _in_halves(settings, alerts[:middle], refused, at, doubt)
    second = _in_halves(settings, alerts[middle:], refused, at + middle, doubt)
    return Taken(
        *(getattr(first, name) + getattr(second, name) for name in Taken.__struct_fields__)
    )


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
        report.problem = f"{_KAFKA}{error.args[0].str()}"


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
