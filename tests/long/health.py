"""A running stack: payments into it, what became of them, and whether it is sound."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
from confluent_kafka import KafkaException

from generator.config import StreamConfig
from generator.publish import Publisher
from generator.stream import records
from risk.engine.payment.transaction import Transaction, encode
from risk.errors import UserError
from risk.kafka.client import client_config
from risk.ops import jobs
from tests.long.probe import Probe
from tests.pipeline import Pipeline, risk, until
from tests.topics import Position, Sent, read, send

ERRORS = "__connect.errors."
PROMPT_S = 1.0  # in which a payment has to be decided
WATCH_S = 15.0  # in which nothing may be restarted once all is well again
UNJUDGED = 3  # exit code of `risk verify` where records were deleted


class Row(msgspec.Struct):
    """A step: what it took, and what was seen after it. Times in s but `latency_ms`."""

    step: str
    seconds: float = 0.0
    recovery_s: float = 0.0
    latency_ms: float | None = None
    meanwhile_ms: float | None = None
    restarts: int = 0
    mismatches: int | None = None
    exit_code: int | None = None
    events: int = 0
    faults: list[str] = []

    @property
    def line(self) -> str:
        """In columns, below those of `HEAD`."""
        cells = (self.latency_ms, self.meanwhile_ms)
        latency, meanwhile = ("-" if ms is None else f"{ms:.0f}" for ms in cells)
        mismatches = "-" if self.mismatches is None else self.mismatches
        code = "-" if self.exit_code is None else self.exit_code
        return (
            f"{self.step:<44} {self.seconds:>6.0f} {self.recovery_s:>8.1f} {latency:>7} "
            f"{meanwhile:>9} {self.restarts:>8} {self.events:>8} {mismatches:>10} {code:>4}  "
            f"{'FAILED' if self.faults else 'ok'}"
        )


HEAD = (
    f"{'step':<44} {'s':>6} {'back, s':>8} {'probe':>7} {'meanwhile':>9} {'restarts':>8} "
    f"{'events':>8} {'mismatches':>10} {'exit':>4}"
)


def now() -> int:
    """This moment, in ms UTC."""
    return time.time_ns() // 1_000_000


def record(txn: Transaction) -> Sent:
    """As a producer sends it."""
    return Sent(txn.user_id.encode(), encode(txn))


class Sound:
    """The pipeline, and what a step may do to it and ask of it."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline, self.settings, self.home = pipeline, pipeline.settings, pipeline.home
        self.probe = Probe(pipeline.settings)
        self.topic = pipeline.settings.topics.transactions

    def send(self, sent: Sequence[Sent], partition: int = -1) -> list[Position]:
        """Send to risk.transactions."""
        return send(self.settings, self.topic, sent, partition)

    def pay(self, txns: Sequence[Transaction], partition: int = -1) -> list[Position]:
        """Send payments."""
        return self.send([record(txn) for txn in txns], partition)

    def scores(self, user_prefix: str, revision: int = 0) -> list[dict[str, Any]]:
        """What stands in risk.scores of users whose ids begin so, repetitions left out."""
        found: dict[tuple[str, str, int, bool], dict[str, Any]] = {}
        for message in read(self.settings, self.settings.topics.scores):
            if (message.key() or b"").startswith(user_prefix.encode()) and message.value():
                one = json.loads(message.value())
                if one["revision"] == revision:
                    key = one["event_id"], one["user_id"], one["event_time"], one["late"]
                    found[key] = one
        return list(found.values())

    def decided(
        self, user_prefix: str, count: int, timeout_s: float = 60.0
    ) -> list[dict[str, Any]]:
        """The same, once there are as many as there have to be."""
        found: list[dict[str, Any]] = []

        def enough() -> bool:
            found[:] = self.scores(user_prefix)
            return len(found) >= count

        until(enough, f"{count} decisions for {user_prefix}…", timeout_s)
        assert len(found) == count, f"{len(found)} decisions for {user_prefix}…, not {count}"
        return found

    def letters(self) -> dict[Position, str]:
        """The reasons of the dead letters of risk.transactions."""
        found = {}
        for message in read(self.settings, self.settings.topics.dlq):
            told = dict(message.headers() or ())
            if told.get(ERRORS + "topic") == self.topic.encode():
                at = Position(int(told[ERRORS + "partition"]), int(told[ERRORS + "offset"]))
                found[at] = told[ERRORS + "exception.class.name"].decode()
        return found

    def judged(self, sent: Sequence[tuple[Sent, str | None]]) -> None:
        """Send records, each with the reason for which it is to be rejected, or None."""
        places = self.send([one for one, _ in sent])
        wanted = {at: reason for at, (_, reason) in zip(places, sent, strict=True) if reason}
        until(lambda: wanted.keys() <= self.letters().keys(), "the dead letters are there", 60)
        letters = self.letters()
        assert {at: letters[at] for at in wanted} == wanted
        good = set(places) - wanted.keys()
        assert not good & letters.keys(), {at: letters[at] for at in good & letters.keys()}

    @contextmanager
    def traffic(self, rate: float, exact: bool = True) -> Iterator[None]:
        """Payments of the generator, as of now, as long as the block runs.

        Unless `exact`, some of them may not be acknowledged: Kafka is away.
        """
        publisher = Publisher(self.settings, client_config(self.settings.kafka), lambda: None)
        start = now()
        config = StreamConfig(start_time=start, seed=start, rate=rate, duration_s=3_600)
        thread = threading.Thread(target=publisher.run, args=(records(config), True))
        thread.start()
        try:
            yield
        finally:
            publisher.stop()
            thread.join()
        assert publisher.tally.errors == 0 or not exact, publisher.tally.first_error

    def restarts(self) -> dict[str, tuple[int, int]]:
        """Of each job, its tasks' highest attempt and Flink's count of restarts."""
        found = {}
        for name, job in self.pipeline.jobs.items():
            counted = self.pipeline.rest.metrics(f"/jobs/{job}", "numRestarts")
            count = max((int(float(value)) for value in counted.values()), default=0)
            found[name] = self.pipeline.restarts(job), count
        return found

    def all_run(self) -> bool:
        """Whether every task of every job runs."""
        return all(map(self.pipeline.runs, self.pipeline.jobs))

    def recover(self, row: Row, within_s: float) -> None:
        """Wait until all jobs run and decide promptly; then one more must be prompt."""
        begun = time.monotonic()
        until(self.all_run, "all jobs run", within_s)
        while True:
            try:
                latency = self.probe.once(5.0)
            except (UserError, KafkaException):
                latency = None
            if latency is not None and latency <= PROMPT_S:
                break
            assert time.monotonic() - begun < within_s, f"not prompt after {within_s:.0f} s"
        row.recovery_s = time.monotonic() - begun
        latency = self.probe.once(30.0)
        assert latency is not None, "the probe was not decided within 30 s"
        row.latency_ms = latency * 1_000
        assert latency <= PROMPT_S, f"the probe was decided after {latency:.2f} s"

    def verify(self, row: Row, wait_s: int, known: int, codes: Sequence[int]) -> None:
        """`risk verify` has to find just the mismatches that are `known`."""
        done = risk(self.settings, "verify", "--json", "--wait", str(wait_s))
        row.exit_code = done.returncode
        assert done.returncode in (0, 1, UNJUDGED), done.stderr[-2_000:]
        report = json.loads(done.stdout)
        row.mismatches, row.events = report["mismatches"], report["events"]
        assert row.mismatches == known, report["first"]
        assert done.returncode in codes, f"exit code {done.returncode}"

    def steady(self) -> None:
        """All jobs run, and none is restarted for a while.

        Flink's count comes some seconds after the attempts, so the higher of both is looked at; and
        both begin anew, with less, where another JobManager takes the lead.
        """
        before = {name: max(both) for name, both in self.restarts().items()}
        deadline = time.monotonic() + WATCH_S
        while time.monotonic() < deadline:
            for name, job in self.pipeline.jobs.items():
                found = jobs.find(self.settings, job)
                assert found is not None, f"{name} is gone"
                assert found.runs, f"{name} is {found.state}"
            time.sleep(1)
        after = {name: max(both) for name, both in self.restarts().items()}
        more = [name for name in before if after[name] > before[name]]
        assert not more, f"restarts went from {before} to {after}"


def grown(before: dict[str, tuple[int, int]], after: dict[str, tuple[int, int]]) -> int:
    """By how many restarts, of all jobs together. Attempts begin anew with a JobManager."""
    return sum(max(0, *(b - a for a, b in zip(before[n], after[n], strict=True))) for n in before)
