"""Events per second from Kafka to scores in Kafka, saturated: a backlog, read as fast as it goes.

The engine and what it is compared with read the same backlog, one after the other, each alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from statistics import median

import msgspec
from msgspec.structs import replace

from generator.config import StreamConfig
from risk.bench import kafka
from risk.bench.accuracy import Accuracy, accuracy
from risk.bench.backlog import backlog
from risk.bench.jobs import Checkpoints, Contender, checkpoints
from risk.bench.progress import Progress, problem
from risk.bench.scores import EventTimes
from risk.bench.stats import Window, per_second, window
from risk.bench.stream import WARM_S
from risk.config.names import BENCH_TOPICS
from risk.config.settings import Settings
from risk.engine.rules import Ruleset
from risk.errors import StackError

POLL_S = 0.5
CHECKED_S = (120, 240)  # of event time: all of it consumed once windows are full


class Run(msgspec.Struct, frozen=True):
    """One contender's run. Rates are events per second by the broker's clock.

    Corrections are scores besides, and not counted as events.
    """

    name: str
    events_per_s: float
    window: Window
    steady: bool
    events: int
    corrections: int
    checkpoints: Checkpoints | None
    accuracy: Accuracy | None = None


class Plan(msgspec.Struct, frozen=True):
    """How it is measured: over `seconds` after `warmup_s` and once windows are full.

    With a ruleset to `check` by, the scores of two minutes of event time are compared with the
    oracle's.
    """

    stream: StreamConfig
    warmup_s: int
    seconds: int
    rounds: int = 1
    keep_backlog: bool = False
    check: Ruleset | None = None

    @property
    def fill(self) -> int:
        """So many events fill the windows."""
        return round(min(WARM_S, self.stream.duration_s) * self.stream.rate)


def throughput(
    settings: Settings,
    contenders: Sequence[Contender],
    plan: Plan,
    say: Callable[[str], None],
) -> list[Run]:
    """Every contender's runs, in the order in which they ran: A B C, A B C, …"""
    say(f"a backlog of {plan.stream.events:,} events")
    runs = []
    with backlog(settings, plan.stream, plan.keep_backlog) as topic:
        for number in range(plan.rounds):
            for contender in contenders:
                run = _run(contender, topic, plan)
                say(f"round {number + 1}, {run.name}: {run.events_per_s:,.0f} events/s")
                runs.append(run)
    return runs


def rate_of(runs: Sequence[Run], name: str) -> float:
    """The median of a contender's rates."""
    return round(median(run.events_per_s for run in runs if run.name == name), 1)


def _run(contender: Contender, topic: str, plan: Plan) -> Run:
    topics = kafka.topics("throughput", topic)
    settings = replace(contender.settings, topics=topics)
    own = {topics.scores, topics.alerts, topics.late, topics.dlq}
    group = f"{BENCH_TOPICS}throughput"
    args = [*contender.args, "--group", group, "--start", "earliest"]
    with kafka.created(settings, own):
        times = EventTimes(settings, topics.scores)
        try:
            with contender.jobs.running(settings, contender.script, args, contender.options) as job:
                found = _watch(settings, times, plan, contender.name)
                ended = checkpoints(settings, job)
        finally:
            times.close()
            kafka.forget_group(settings, group)
        checked = _check(settings, plan)
    return Run(
        contender.name,
        found.rate,
        found,
        found.steady,
        len(times.times_ms),
        times.corrections,
        ended,
        checked,
    )


def _check(settings: Settings, plan: Plan) -> Accuracy | None:
    if plan.check is None:
        return None
    begin, end = (plan.stream.start_time + 1_000 * second for second in CHECKED_S)
    return accuracy(settings, plan.check, begin, end)


def _watch(settings: Settings, times: EventTimes, plan: Plan, name: str) -> Window:
    """Wait until the window is over; meanwhile only ask for offsets, which costs next to nothing.

    Raises `StackError` if the backlog ends before, or no score comes for long.
    """
    progress = Progress(plan.stream.events, plan.fill, plan.warmup_s, plan.seconds)
    while True:
        count = sum(kafka.ends(settings, settings.topics.scores).values())
        stage = progress.observe(time.monotonic(), count)
        if stage in ("measured", "over", "stuck"):
            times.catch_up()
            if over := window(per_second(times.times_ms), plan.warmup_s, plan.fill, plan.seconds):
                return over
            if stage != "measured":
                raise StackError(f"{name}: {problem(stage, len(times.times_ms), plan.seconds)}")
            time.sleep(4 * POLL_S)  # corrections had been taken for events
        time.sleep(POLL_S)
