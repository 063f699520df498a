"""A contender's job and the delivery jobs, on topics and stores of their own, windows full."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager

import msgspec
from msgspec.structs import replace

from risk.bench import kafka
from risk.bench.backlog import publish
from risk.bench.jobs import DELIVER, Contender
from risk.bench.schedule import Due, Schedule
from risk.bench.stores import own_stores
from risk.config.names import BENCH_TOPICS
from risk.config.settings import Settings
from risk.errors import StackError
from risk.waiting import until

POLL_S = 0.5
CATCH_UP_S = 300.0
QUIET_S = 8.0  # longer than a checkpoint or a commit holds anything up


class Consumer(msgspec.Struct, frozen=True):
    """A job's consumer group, and the topic that it reads."""

    name: str
    group: str
    topic: str


class Live(msgspec.Struct, frozen=True):
    """What runs: under which settings, who consumes what, and what is to be sent now."""

    settings: Settings
    consumers: list[Consumer]
    dues: Sequence[Due]


@contextmanager
def live(
    contender: Contender, stores: Sequence[str], past: Schedule, say: Callable[[str], None]
) -> Iterator[Live]:
    """All of it, once the schedule's past has been scored and delivered."""
    topics = kafka.topics("live")
    settings = replace(contender.settings, topics=topics)
    scoring = Consumer("scoring", f"{BENCH_TOPICS}live", topics.transactions)
    delivery = [Consumer(s, f"{BENCH_TOPICS}live.{s}", topics.scores) for s in stores]
    with ExitStack() as held:
        own = (topics.transactions, topics.scores, topics.alerts, topics.late, topics.dlq)
        held.enter_context(kafka.created(settings, own))
        for consumer in (scoring, *delivery):
            held.callback(kafka.forget_group, settings, consumer.group)
        if stores:
            settings = held.enter_context(own_stores(settings, stores))
        args = [*contender.args, "--group", scoring.group, "--start", "earliest"]
        running = contender.jobs.running
        held.enter_context(running(settings, contender.script, args, contender.options))
        for consumer in delivery:
            args = ["--store", consumer.name, "--group", consumer.group, "--start", "earliest"]
            held.enter_context(running(settings, DELIVER, args, contender.options))
        say(f"{contender.name}: {', '.join(c.name for c in (scoring, *delivery))} run")
        before = publish(settings, topics.transactions, past.past())
        dues = list(past.live())
        if before:
            say(
                f"{contender.name}: scoring and delivery of {before:,} past events, to fill windows"
            )
            _quiet(settings, topics.scores)
        for consumer in delivery:
            _caught_up(settings, consumer)
        yield Live(settings, [scoring, *delivery], dues)


def lag(settings: Settings, consumer: Consumer, ends: Mapping[int, int] | None = None) -> int:
    """Records that the group hasn't committed; groups commit with their checkpoints.

    `ends` are those of its topic, where they have been read just now.
    """
    done = kafka.committed(settings, consumer.group, consumer.topic)
    ends = kafka.ends(settings, consumer.topic) if ends is None else ends
    return sum(max(0, end - done.get(partition, 0)) for partition, end in ends.items())


def _quiet(settings: Settings, topic: str) -> None:
    """Wait until scores have come, and no more come: not every contender commits offsets."""
    deadline = time.monotonic() + CATCH_UP_S
    count, since = 0, time.monotonic()
    while not count or time.monotonic() - since < QUIET_S:
        found = sum(kafka.ends(settings, topic).values())
        if found != count:
            count, since = found, time.monotonic()
        if time.monotonic() > deadline:
            raise StackError(f"scoring doesn't catch up with the past in {CATCH_UP_S:.0f} s")
        time.sleep(POLL_S)


def _caught_up(settings: Settings, consumer: Consumer) -> None:
    if not until(lambda: not lag(settings, consumer), CATCH_UP_S, POLL_S):
        raise StackError(f"{consumer.name} doesn't catch up with the past: lower --rate")
