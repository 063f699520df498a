"""A scoring job that counts for nothing, so that what others run on is warm."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable, Sequence

import msgspec
from msgspec.structs import asdict

from generator.config import StreamConfig
from generator.publish import Publisher, Unreachable
from generator.stream import records
from risk.config import names
from risk.config.settings import Settings
from risk.engine.decoding import decoder
from risk.errors import UserError
from risk.kafka import own_topics
from risk.kafka.client import client_config
from risk.kafka.groups import forget
from risk.kafka.scan import read_all
from risk.kafka.topics import delete_topics, existing_topics
from risk.ops import jobs
from risk.ops.alone import alone_if_possible
from risk.ops.rulesets import choose
from risk.stack.process import Home


def warm_up(
    settings: Settings, home: Home, seconds: float, rate: float, say: Callable[[str], None]
) -> int:
    """Score synthetic payments for so long, on topics of its own; how many were scored.

    Nothing of it is left, nor of an earlier one that was killed. Raises `UserError`, `StackError`
    or `FlinkUnavailable`.
    """
    _forget_earlier(settings, home)
    mark = uuid.uuid4().hex[:8]
    run_id = names.warm_up_run(mark)
    own = own_topics.named(settings, f"{names.WARM_UP_TOPICS}{mark}.")
    topics = tuple(asdict(own.topics).values())
    ruleset = choose(settings, home, settings.scoring.ruleset).folder
    arguments = ["--ruleset", str(ruleset), "--run-id", run_id, "--group", run_id]
    try:
        own_topics.make(own, topics)
        job = _start(settings, home, own, arguments)
        try:
            say(f"warming up: {seconds:g} s of {rate:g} synthetic payments a second")
            _publish(own, seconds, rate)
            return scored(record.value() for record in read_all(own, own.topics.scores))
        finally:
            jobs.discard(settings, home, job)
    finally:
        delete_topics(settings, topics)
        forget(settings, run_id)


class Emitted(msgspec.Struct, gc=False):
    """What says of a score whether it is the first of a payment that was scored."""

    revision: int
    late: bool = False


def scored(values: Iterable[bytes | None]) -> int:
    """How many payments these records of risk.scores scored: late ones were not."""
    decode = decoder(Emitted)
    emitted = (decode(value) for value in values if value is not None)
    return sum(not one.late and one.revision == 0 for one in emitted)


def _start(settings: Settings, home: Home, own: Settings, arguments: Sequence[str]) -> str:
    """The id of a job that runs on the own topics, from their first record."""
    with alone_if_possible(settings, "warm-up"):
        jobs.fresh_slots(settings, home)
        job = jobs.submit(own, home, "score.py", [*arguments, "--start", "earliest"])
        try:
            jobs.wait_running(settings, job)
        except BaseException:
            jobs.discard(settings, home, job)
            raise
        return job


def _publish(own: Settings, seconds: float, rate: float) -> None:
    now = time.time_ns() // 1_000_000
    stream = StreamConfig(
        start_time=now, rate=rate, duration_s=seconds, partitions=own.kafka.partitions
    )
    publisher = Publisher(own, client_config(own.kafka), lambda: None)
    try:
        publisher.run(records(stream), paced=True)
    except Unreachable as error:
        raise UserError(f"kafka: {error}: see `risk status`") from None


def _forget_earlier(settings: Settings, home: Home) -> None:
    for job in jobs.running(settings, names.SCORING_JOBS):
        if names.warms_up(job.name):
            jobs.discard(settings, home, job.id)
    left = [name for name in existing_topics(settings) if name.startswith(names.WARM_UP_TOPICS)]
    delete_topics(settings, left)
