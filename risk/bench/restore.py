"""How long a scoring job takes to go on, by how many keys its state has, once it was killed.

Its TaskManager is killed with -9; meanwhile a payment is sent every quarter of a second. What is
read back from the checkpoint and into the stages grows with the keys; all else doesn't.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from generator.config import StreamConfig
from generator.extremes import new_keys
from generator.record import Record
from risk.bench import kafka
from risk.bench.backlog import publish
from risk.bench.jobs import Contender, checkpoints
from risk.bench.live import Consumer as Group
from risk.bench.live import lag
from risk.bench.recovery import Probes, record_of, rows, watch
from risk.bench.stats import slope
from risk.bench.stream import START_TIME
from risk.config.names import BENCH_TOPICS
from risk.config.settings import Settings
from risk.errors import StackError
from risk.stack import signals
from risk.stack.flink_rest import FlinkRest
from risk.stack.process import Home
from risk.waiting import until

KEYS_EACH: Final = 3  # a payment brings a user, a device and an address
RATE: Final = 10_000.0  # of event time: all keys are within the windows
FILL_S: Final = 7_200.0
MILLION: Final = 1_000_000
AT_KEYS: Final = 50 * MILLION  # keys for which it is computed


class Restored(msgspec.Struct, frozen=True):
    """One size. Seconds count from the kill; `rows` are RocksDB's own estimate.

    `noticed_s`: the job no longer counts as running. `slot_s`: its tasks are deployed anew.
    `running_s`: each task has its state back from the checkpoint, and runs. `decided_s`: the first
    payment that was sent after the kill is decided, with all keys in the stages again.
    """

    keys: int
    payments: int
    state_bytes: int
    rows: int
    filled_per_s: float
    noticed_s: float
    slot_s: float
    running_s: float
    decided_s: float

    @property
    def reading_s(self) -> float:
        """What grows with the keys."""
        return self.decided_s - self.slot_s


class Extrapolation(msgspec.Struct, frozen=True):
    """What follows from the sizes: `fixed_s` whatever the keys, and so many s a million of them.

    `at_s` and `at_bytes` are computed for `at_keys`, and not measured.
    """

    fixed_s: float
    s_per_million: float
    bytes_per_million: int
    at_keys: int
    at_s: float
    at_bytes: int


def extrapolate(found: Sequence[Restored]) -> Extrapolation:
    """By the line through the sizes, of one size by proportion. Raises `ValueError` without any."""
    if not found:
        raise ValueError("no size was measured")
    points = [(one.keys / MILLION, one.reading_s) for one in found]
    largest = max(found, key=lambda one: one.keys)
    per_million = slope(points) if len({one.keys for one in found}) > 1 else 0.0
    if per_million <= 0:  # one size, or a machine that was busier than the sizes differ
        per_million = largest.reading_s / (largest.keys / MILLION)
    fixed = max(0.0, largest.decided_s - per_million * largest.keys / MILLION)
    bytes_per_million = round(largest.state_bytes / (largest.keys / MILLION))
    millions = AT_KEYS // MILLION
    return Extrapolation(
        round(fixed, 2),
        round(per_million, 2),
        bytes_per_million,
        AT_KEYS,
        round(fixed + per_million * millions, 1),
        bytes_per_million * millions,
    )


def measure(contender: Contender, home: Home, keys: int, say: Callable[[str], None]) -> Restored:
    """Fill a job's state, kill it, and watch it come back. Raises `StackError`."""
    topics = kafka.topics("restore")
    settings = replace(contender.settings, topics=topics)
    group = Group("scoring", f"{BENCH_TOPICS}restore", topics.transactions)
    own = (topics.transactions, topics.scores, topics.alerts, topics.late, topics.dlq)
    args = [*contender.args, "--group", group.group, "--start", "earliest"]
    payments = -(-keys // KEYS_EACH)
    with kafka.created(settings, own):
        try:
            running = contender.jobs.running
            with running(settings, contender.script, args, contender.options) as job:
                say(f"{payments:,} payments with {KEYS_EACH * payments:,} keys")
                begin = time.monotonic()
                publish(settings, topics.transactions, filling(payments))
                # What is committed is in a checkpoint.
                if not until(lambda: not lag(settings, group), FILL_S, 1.0):
                    raise StackError(f"the state was not filled within {FILL_S:,.0f} s")
                rate = payments / (time.monotonic() - begin)
                return _killed(settings, home, job, payments, rate, say)
        finally:
            kafka.forget_group(settings, group.group)


def filling(payments: int) -> Iterator[Record]:
    """So many payments, each of keys of its own."""
    config = StreamConfig(start_time=START_TIME, rate=RATE, duration_s=payments / RATE)
    for number, event in enumerate(new_keys(config)):
        if number == payments:
            return
        yield record_of(event)


def _killed(
    settings: Settings,
    home: Home,
    job: str,
    payments: int,
    rate: float,
    say: Callable[[str], None],
) -> Restored:
    rest = FlinkRest(settings.flink.url)
    last = checkpoints(settings, job)
    name = rest.taskmanager(job)
    if last is None or name is None:
        raise StackError("flink: the job has no checkpoint, or no TaskManager")
    count = rows(rest, job)
    probes = Probes(settings, START_TIME + round(payments / RATE * 1_000))
    try:
        say(f"a checkpoint of {last.last_bytes:,} bytes; {name} is killed")
        signals.kill(home, name)
        seen = watch(rest, job, probes, time.monotonic())
    finally:
        probes.close()
    return Restored(KEYS_EACH * payments, payments, last.last_bytes, count, round(rate, 1), *seen)
