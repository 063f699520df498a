"""A scoring job that counts for nothing, so that what others run on is warm."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable

from msgspec.structs import asdict

from generator.config import StreamConfig
from generator.publish import Publisher, Unreachable
from generator.stream import records
from risk.config.settings import Settings
from risk.errors import UserError
from risk.kafka import own_topics
from risk.kafka.client import client_config
from risk.kafka.groups import forget
from risk.kafka.scan import offsets
from risk.kafka.topics import delete_topics, existing_topics
from risk.ops import jobs
from risk.ops.rulesets import choose
from risk.ops.submit import WARM_UP
from risk.stack.process import Home

PREFIX = "risk.warm-up."


def warm_up(
    settings: Settings, home: Home, seconds: float, rate: float, say: Callable[[str], None]
) -> int:
    """Score synthetic payments for so long, on topics of its own; how many were scored.

    Nothing of it is left, nor of an earlier one that was killed. Raises `UserError`, `StackError`
    or `FlinkUnavailable`.
    """
    _forget_earlier(settings, home)
    mark = uuid.uuid4().hex[:8]
    run_id = WARM_UP + mark
    own = own_topics.named(settings, f"{PREFIX}{mark}.")
    names = tuple(asdict(own.topics).values())
    ruleset = choose(settings, home, settings.scoring.ruleset).folder
    try:
        own_topics.make(own, names)
        jobs.fresh_slots(settings, home)
        arguments = ["--ruleset", str(ruleset), "--run-id", run_id, "--group", run_id]
        job = jobs.submit(own, home, "score.py", [*arguments, "--start", "earliest"])
        try:
            jobs.wait_running(settings, job)
            say(f"warming up: {seconds:g} s of {rate:g} synthetic payments a second")
            _publish(own, seconds, rate)
            return sum(high - low for low, high in offsets(own, own.topics.scores).values())
        finally:
            jobs.discard(settings, home, job)
    finally:
        delete_topics(settings, names)
        forget(settings, run_id)


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
    for job in jobs.running(settings, "score "):
        if any(word.startswith(WARM_UP) for word in job.name.split()):
            jobs.discard(settings, home, job.id)
    left = [name for name in existing_topics(settings) if name.startswith(PREFIX)]
    delete_topics(settings, left)
