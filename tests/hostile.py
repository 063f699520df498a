"""A scoring job on topics of its own, one of whose stages fails on some events."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from confluent_kafka import Message

from risk.config.settings import Settings
from risk.engine.payment.transaction import Transaction, encode
from risk.ops import job_numbers, jobs
from risk.ops.ruleset_folder import read_folder
from risk.paths import ROOT
from risk.stack.flink_rest import FlinkRest
from risk.stack.process import Home
from risk.verify.verification import verify
from tests.pipeline import SETTLE_S, transaction
from tests.project import copied, submit_score
from tests.topics import Position, Sent, read, send

ERRORS = "__connect.errors."
RULES = read_folder(ROOT / "rules" / "default")
TOUCHY = """
_before = IpStage.on_batch


def _touchy(self, items, corrections, frontier):
    found = _before(self, items, corrections, frontier)
    for txn in (item.txn for item in items if item.txn.event_id.startswith("poison")):
        raise ZeroDivisionError(f"a rule that nobody foresaw of {txn.user_id} at {txn.ip}")
    return found


IpStage.on_batch = _touchy
"""


class Scoring(NamedTuple):
    """A scoring job on topics of its own, one of whose stages fails on some events."""

    settings: Settings
    job: str

    def restarts(self) -> int:
        rest = FlinkRest(self.settings.flink.url)
        vertices = rest.get(f"/jobs/{self.job}")["vertices"]
        return max(
            int(subtask["attempt"])
            for vertex in vertices
            for subtask in rest.get(f"/jobs/{self.job}/vertices/{vertex['id']}")["subtasks"]
        )

    def send(self, *records: Sent) -> list[Position]:
        return send(self.settings, self.settings.topics.transactions, records)

    def exact(self) -> None:
        """Every output is as the oracle says; the job has not been restarted."""
        report = verify(self.settings, RULES, stores=(), wait_s=SETTLE_S)
        assert report.mismatches == 0, report.first
        assert self.restarts() == 0

    def letters(self, positions: list[Position]) -> list[tuple[Message, dict[str, bytes]]]:
        """The dead letters of these records, in their order."""
        found = {}
        for message in read(self.settings, self.settings.topics.dlq):
            told = dict(message.headers() or ())
            at = Position(int(told[ERRORS + "partition"]), int(told[ERRORS + "offset"]))
            assert at not in found
            found[at] = message, told
        return [found[position] for position in positions]

    def settled(self) -> bool:
        """Whether nothing is left to wait for."""
        return job_numbers.read(FlinkRest(self.settings.flink.url), self.job).settled == 1


def touchy(folder: Path) -> Path:
    """The project with a stage that raises, in a folder that isn't there yet."""
    root = copied(folder)
    with (root / "risk" / "engine" / "stages" / "ip.py").open("a") as module:
        module.write(TOUCHY)
    return root


@contextmanager
def running(settings: Settings, home: Home, root: Path, *flags: str) -> Iterator[Scoring]:
    """It runs, and is cancelled at the end."""
    submitted = submit_score(settings, home, *flags, root=root)
    yield Scoring(settings, submitted.job)
    if (job := jobs.find(settings, submitted.job)) and not job.ended:
        jobs.cancel(settings, submitted.job)


_times = itertools.count(time.time_ns() // 1_000_000)


def payment(event_id: str, user_id: str) -> Transaction:
    """Each is a millisecond after the one before: within one, payments would be corrected."""
    return transaction(event_id, user_id, next(_times))


def record(txn: Transaction) -> Sent:
    return Sent(txn.user_id.encode(), encode(txn))
