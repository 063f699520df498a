"""An import from its file to Kafka: checked as a whole, then sent, from where it stopped before."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import msgspec
from confluent_kafka import KafkaException

from risk.config.settings import Settings
from risk.errors import UserError
from risk.kafka.answers import count_partitions
from risk.kafka.topic import TopicFault, check_times, look
from risk.ops.imports.check import accept, check
from risk.ops.imports.history import history
from risk.ops.imports.order import by_event_time
from risk.ops.imports.position import Position, PositionFile, begin
from risk.ops.imports.publish import Publisher
from risk.ops.imports.source import Source, limits
from risk.stack.process import Home


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How. `rate` is in payments/s; None is as fast as it goes."""

    rejects: Path
    max_rejects: int = 0
    sort: bool = False
    rate: float | None = None
    resume: bool = False
    anew: bool = False


class Imported(msgspec.Struct, kw_only=True):
    """What has become of a file. Of its messages, `before` were sent by an earlier call."""

    rows: int
    payments: int
    labels: int
    rejected: int
    sent: int
    before: int
    seconds: float
    rate: float
    stopped: bool


class Progress(Protocol):
    """Is told how far it is."""

    def checked(self, rows: int) -> None:
        """So many rows were read."""

    def sent(self, messages: int, total: int) -> None:
        """So many messages of all are acknowledged."""


Stoppable = Callable[[Callable[[], None]], object]


def run(
    settings: Settings,
    home: Home,
    source: Source,
    options: Options,
    progress: Progress,
    stoppable: Stoppable,
) -> Imported:
    """Check the file, and send what is in it. `stoppable` is given what ends it early.

    Raises `UserError` before anything is sent if the file isn't accepted, and for a broker that
    doesn't take it.
    """
    file = PositionFile(home, source.key(settings))
    with file.held():
        position = begin(file.read(), options.resume, options.anew, source.path)
        _check_topics(settings)
        if position is None:
            position = _checked(settings, source, options, progress)
            file.write(position)
        before, start = position.sent, time.monotonic()
        total = position.payments + position.labels

        def acknowledged(done: int) -> None:
            position.sent = done
            file.write(position)
            progress.sent(done, total)

        publisher = Publisher(settings, acknowledged)
        stoppable(publisher.stop)
        if not position.done:
            payments = source.payments(limits(settings, position.now))
            ordered = by_event_time(payments) if position.sort else payments
            publisher.run(history(ordered), before, options.rate)
            position.done = publisher.done == total
            file.write(position)
    took = time.monotonic() - start
    sent = position.sent - before
    return Imported(
        rows=position.rows,
        payments=position.payments,
        labels=position.labels,
        rejected=position.rejected,
        sent=sent,
        before=before,
        seconds=round(took, 3),
        rate=round(sent / took, 1),
        stopped=not position.done,
    )


def _checked(settings: Settings, source: Source, options: Options, progress: Progress) -> Position:
    now = time.time_ns() // 1_000_000
    late = settings.scoring.lateness_ms
    found = check(source, limits(settings, now), late, progress.checked, options.rejects)
    accept(found, options.max_rejects, options.sort, options.rejects)
    return Position(
        file=str(source.path),
        now=now,
        sort=options.sort,
        rows=found.rows,
        payments=found.payments,
        labels=found.labels,
        rejected=found.rejected,
    )


def _check_topics(settings: Settings) -> None:
    kafka, topic = settings.kafka, settings.topics.transactions
    for name in (topic, settings.topics.feedback):
        count_partitions(kafka, name)
    try:
        check_times(look(kafka, topic), topic, kafka.servers)
    except TopicFault as error:
        raise UserError(str(error)) from None
    except KafkaException as error:
        raise UserError(f"kafka: {kafka.servers}: {error.args[0].str()}") from None
