"""A job recovers: what Flink says of its tasks, and when the first new payment is decided."""

from __future__ import annotations

import re
import time
from typing import Any, Final
from urllib.parse import quote

from confluent_kafka import Consumer, Producer, TopicPartition

from generator.config import StreamConfig
from generator.extremes import new_keys
from generator.partition import PARTITIONER
from generator.record import Event, Record
from risk.bench import kafka
from risk.config.names import BENCH_READER
from risk.config.settings import Settings
from risk.engine.payment.transaction import encode
from risk.errors import StackError
from risk.kafka.client import client_config
from risk.stack.flink_rest import FlinkRest, FlinkUnavailable, understood
from risk.waiting import until

BACK_S: Final = 900.0
METRICS_S: Final = 15.0
POLL_S: Final = 0.05
PROBE_S: Final = 0.25
EVENT_ID: Final = re.compile(rb'"event_id":"([^"]+)"')
DEPLOYED: Final = ("DEPLOYING", "INITIALIZING", "RUNNING")


class Probes:
    """Payments sent one by one, and whether one of them is decided.

    Their event times begin at `begin_ms`.
    """

    def __init__(self, settings: Settings, begin_ms: int) -> None:
        self.decided = False
        self._topics = settings.topics
        self._source = new_keys(
            StreamConfig(start_time=begin_ms, seed=8, rate=1 / PROBE_S, duration_s=BACK_S)
        )
        self._sent: set[bytes] = set()
        self._due = 0.0
        client: dict[str, Any] = client_config(settings.kafka)
        self._producer = Producer({**client, "linger.ms": 0, "partitioner": PARTITIONER})
        self._consumer = Consumer({**client, "group.id": BENCH_READER, "enable.auto.commit": False})
        ends = kafka.ends(settings, self._topics.scores)
        self._consumer.assign(
            [TopicPartition(self._topics.scores, p, end) for p, end in ends.items()]
        )

    def send_and_read(self) -> None:
        """Send one, if it is time, and see what is decided."""
        now = time.monotonic()
        if now >= self._due:
            self._due = now + PROBE_S
            record = record_of(next(self._source))
            found = EVENT_ID.search(record.value)
            assert found is not None
            self._sent.add(found[1])
            self._producer.produce(self._topics.transactions, record.value, record.key)
        self._producer.poll(0)
        for message in self._consumer.consume(100, 0.01):
            found = EVENT_ID.search(message.value() or b"")
            self.decided = self.decided or (found is not None and found[1] in self._sent)

    def close(self) -> None:
        """Send and read no more."""
        self._producer.flush(5)
        self._consumer.close()


def watch(rest: FlinkRest, job: str, probes: Probes, begin: float) -> tuple[float, ...]:
    """When it was noticed, deployed, running, and deciding. Raises `StackError`."""
    seen: dict[str, float] = {}

    def look() -> bool:
        probes.send_and_read()
        try:
            states = _states(rest, job)
        except FlinkUnavailable:
            states = []
        now = round(time.monotonic() - begin, 2)
        runs = bool(states) and all(state == "RUNNING" for state in states)
        if states and not runs:
            seen.setdefault("noticed", now)
        if "noticed" in seen and states and all(state in DEPLOYED for state in states):
            seen.setdefault("slot", now)
        if "slot" in seen and runs:
            seen.setdefault("running", now)
        if probes.decided:
            seen.setdefault("decided", now)
        return "decided" in seen and "running" in seen

    if not until(look, BACK_S, POLL_S):
        raise StackError(f"the job did not come back within {BACK_S:.0f} s: {seen}")
    return tuple(seen[name] for name in ("noticed", "slot", "running", "decided"))


def _states(rest: FlinkRest, job: str) -> list[str]:
    """Of each subtask."""
    found = []
    for path in _vertices(rest, job):
        answer = rest.get(path)
        with understood(path):
            found += [str(subtask["status"]) for subtask in answer["subtasks"]]
    return found


def _vertices(rest: FlinkRest, job: str) -> list[str]:
    """Where Flink tells of each of a job's operators."""
    answer = rest.get(f"/jobs/{job}")
    with understood(f"/jobs/{job}"):
        return [f"/jobs/{job}/vertices/{vertex['id']}" for vertex in answer["vertices"]]


def rows(rest: FlinkRest, job: str) -> int:
    """RocksDB's estimate of its rows; 0 if Flink doesn't say.

    Flink gathers metrics once somebody has asked for them: the first answer may have none.
    """
    return until(lambda: _rows(rest, job), METRICS_S)


def _rows(rest: FlinkRest, job: str) -> int:
    count = 0
    try:
        for path in _vertices(rest, job):
            answer = rest.get(f"{path}/metrics")
            with understood(path):
                names = [quote(str(one["id"])) for one in answer]
            wanted = [one for one in names if one.endswith("rocksdb_estimate-num-keys")]
            if wanted:
                count += sum(int(float(one)) for one in rest.metrics(path, *wanted).values())
    except FlinkUnavailable:
        return 0
    return count


def record_of(event: Event) -> Record:
    """An event as it is sent."""
    txn = event.txn
    return Record(txn.user_id.encode(), encode(txn), None, event.due_ms, "on_time")
