"""Whether each live job does its work: it runs, its store takes what it writes, and it moves."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Sequence
from typing import Final

import msgspec
from confluent_kafka import KafkaException

from risk.config import names
from risk.config.names import SCORE
from risk.config.settings import Settings
from risk.errors import StackError
from risk.ops import job_health
from risk.ops.job_health import Health
from risk.ops.lags import Lags
from risk.ops.metadata import noted_group, told_group
from risk.ops.settings import with_postgres_password
from risk.ops.submit import every_kind
from risk.stack.flink_rest import FlinkUnavailable
from risk.waiting import until
from sinks import registry

STILL_S: Final = 60.0  # for so long it may commit nothing though records wait: 12 checkpoints
LOOK_S: Final = 1.0


class Readiness(msgspec.Struct, frozen=True):
    """How a live job is. `problem` is None if it is ready.

    `waiting` records are not committed yet, and for `still_s` none was; None: that isn't known.
    """

    job: str  # its kind: score, or what is delivered to
    problem: str | None
    waiting: int | None = None
    still_s: float | None = None


class Jobs:
    """Asks Flink and Kafka. It remembers how far each job was: ask the same one again."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lags = Lags(settings)
        self._lock = threading.Lock()
        self._told: dict[str, str] = {}  # the group of the scoring job of that id

    def read(self, kinds: Collection[str] = ()) -> list[Readiness]:
        """How these are, or all of them; one that doesn't run is not ready."""
        with self._lock:
            wanted = [kind for kind in every_kind() if not kinds or kind in kinds]
            try:
                found = job_health.read(self._settings)
            except FlinkUnavailable as error:
                return [Readiness(kind, str(error)) for kind in wanted]
            return [self._of(kind, _worst(found, kind)) for kind in wanted]

    def _of(self, kind: str, job: Health | None) -> Readiness:
        if job is None:
            return Readiness(kind, "it doesn't run: `risk submit all` starts what is missing")
        try:
            waiting, still_s = self._lags.look(self._group(kind, job), self._topics(kind))
        except KafkaException as error:
            return Readiness(kind, job.problem or f"kafka: {error.args[0].str()}")
        except FlinkUnavailable as error:
            return Readiness(kind, job.problem or str(error))
        problem = job.problem
        if problem is None and still_s is not None and still_s >= STILL_S:
            problem = stands_still(waiting, still_s)
        return Readiness(kind, problem, waiting, still_s)

    def _group(self, kind: str, job: Health) -> str:
        if kind != SCORE:
            return names.delivery_group(kind)
        if job.id not in self._told:  # one that has taken over commits under another name
            told = told_group(self._settings, job.id)
            if told is None:
                return self._noted(job)
            self._told = {job.id: told}
        return self._told[job.id]

    def _noted(self, job: Health) -> str:
        try:
            settings = with_postgres_password(self._settings)
        except StackError:  # then nothing is noted, either
            settings = self._settings
        return noted_group(settings, job.id, job.name)

    def _topics(self, kind: str) -> list[str]:
        topics = self._settings.topics
        if kind == SCORE:
            return [topics.transactions]
        return registry.delivery(kind).read_from(topics)


def settled(jobs: Jobs, kinds: Collection[str], wait_s: float) -> list[Readiness]:
    """How they are, once each has been seen to move or has nothing to do, or the time is over.

    One for which records wait all that time, and that commits none, is not ready.
    """
    moves: set[str] = set()
    found: list[Readiness] = []
    started = time.monotonic()

    def known() -> bool:
        found[:] = jobs.read(kinds)
        moves.update(one.job for one in found if one.still_s == 0)
        return all(one.problem or one.job in moves for one in found)

    until(known, wait_s, LOOK_S)
    seconds = time.monotonic() - started
    return [
        one
        if one.problem or one.job in moves
        else msgspec.structs.replace(one, problem=stands_still(one.waiting or 0, seconds))
        for one in found
    ]


def _worst(found: Sequence[Health], kind: str) -> Health | None:
    """A job of that kind, of two in a takeover one that has a problem; None: there is none."""
    of_kind = [one for one in found if names.kind_of(one.name) == kind]
    return min(of_kind, key=lambda one: one.problem is None, default=None)


def stands_still(waiting: int, seconds: float) -> str:
    """What is wrong with a job that runs, and commits nothing."""
    return f"{waiting:,} records wait, and none was taken for {seconds:.0f} s"
