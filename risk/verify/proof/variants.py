"""The ways in which the stream is scored."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import msgspec

from risk.config.settings import Settings
from risk.errors import UserError
from risk.ops.job_numbers import Numbers
from risk.stack.process import Home
from risk.verify.proof import run_topics
from risk.verify.proof.judge import Judgement, Want, judge
from risk.verify.proof.scoring import Kill, Placement, Scoring


class Run(msgspec.Struct):
    """What came of scoring the stream in one way.

    `behind` counts events that came behind the frontier, `consumed` and `outcomes` records since
    the job was last restored (`restored` in all, from `stopped_at` records if from a savepoint).
    Sizes are in bytes, at the end: of the last checkpoint, and of RocksDB's live data.
    """

    how: str
    seconds: float
    consumed: int
    outcomes: dict[str, int]
    behind: int
    checkpoint_bytes: int
    state_bytes: int
    judgement: Judgement
    kills: list[Kill] = []
    stopped_at: int | None = None
    published_behind_s: float | None = None

    def problems(self, events: int) -> list[str]:
        """What keeps it from being a proof, in words."""
        found = list(self.judgement.problems)
        if self.behind:
            found.append(f"{self.behind} events came behind the frontier")
        if self.judgement.unneeded:
            found.append(f"{self.judgement.unneeded} corrections changed nothing")
        if not self.kills and self.stopped_at is None:
            found += self._miscounted(events)
        return found

    def _miscounted(self, events: int) -> list[str]:
        judgement = self.judgement
        told = judgement.scored, judgement.late, judgement.rejected
        counted = tuple(self.outcomes.get(name, 0) for name in ("scored", "late", "rejected"))
        found = []
        if (self.consumed, sum(self.outcomes.values())) != (events, events):
            found.append(f"of {events} records {self.consumed} were counted: {self.outcomes}")
        if told != counted:
            found.append(
                f"scored, late, rejected: {counted} were counted, {told} are in the topics"
            )
        return found


class Stage(NamedTuple):
    """Where runs take place: the stream's settings, the stack, the folder of the ruleset.

    `publish` sends the stream at its pace and says by how many seconds it was behind at most;
    `want` is what must come of it.
    """

    stream: Settings
    home: Home
    ruleset: Path
    events: int
    publish: Callable[[], float]
    want: Callable[[], Want]


class Way(NamedTuple):
    """One way: `parallelism` and, if it is changed in mid-run, what to; how often it is killed."""

    how: str
    placement: Placement
    parallelism: int = 1
    live: bool = False
    replay: bool = False
    kills: int = 0
    then: int | None = None


WAYS = {
    "live": Way("fused, while the stream is being published", "fused", live=True),
    "sharded-2": Way("sharded, parallelism 2, from the first record", "sharded", 2),
    "sharded-3": Way("sharded, parallelism 3, from the first record", "sharded", 3),
    "replay": Way("fused, replayed at full speed", "fused", replay=True),
    "killed": Way("sharded, parallelism 2, kill -9 twice", "sharded", 2, kills=2),
    "killed-fused": Way("fused, kill -9 twice", "fused", kills=2),
    "rescaled": Way("sharded, savepoint in mid-run, parallelism 2 to 3", "sharded", 2, then=3),
}


def score(name: str, stage: Stage) -> Run:
    """Score the stream in one way, and judge it. Raises `UserError`."""
    way = WAYS[name]
    run_settings = run_topics.make_outputs(stage.stream, name)
    job = Scoring(
        run_settings,
        stage.home,
        f"prove-{name}",
        stage.ruleset,
        way.placement,
        way.parallelism,
        kind="replay" if way.replay else "live",
        end=None if way.live else "latest",
    )
    kills: list[Kill] = []
    savepoints: list[str] = []
    stopped_at = behind_s = None
    began = time.monotonic()
    try:
        job.start()
        if way.live:
            behind_s = stage.publish()
        for number in range(way.kills):
            job.wait_checkpoint()
            kills.append(job.kill(number))
            _in_mid_run(name, kills[-1].read, stage.events)
        if way.then:
            job.wait_checkpoint()
            savepoints.append(job.stop())
            stopped_at = job.read()
            _in_mid_run(name, stopped_at, stage.events)
            job.parallelism = way.then
            job.start(savepoints[-1])
        numbers = job.wait_settled(stage.events)
        seconds = time.monotonic() - began
        size = job.last_checkpoint()
        savepoints.append(job.stop())
    finally:
        job.clean(savepoints)
    judgement = judge(run_settings, stage.want())
    found = _run(way.how, seconds, numbers, job.behind, size, judgement)
    found.kills, found.stopped_at, found.published_behind_s = kills, stopped_at, behind_s
    return found


def _run(
    how: str, seconds: float, numbers: Numbers, behind: int, checkpoint: int, judgement: Judgement
) -> Run:
    return Run(
        how=how,
        seconds=round(seconds, 1),
        consumed=sum(numbers.outcomes.values()),
        outcomes=numbers.outcomes,
        behind=behind + numbers.behind,
        checkpoint_bytes=checkpoint,
        state_bytes=numbers.state_bytes,
        judgement=judgement,
    )


def _in_mid_run(name: str, read: int, events: int) -> None:
    if not 0 < read < events:
        raise UserError(
            f"--events {events}: too few for {name}: {read} records had been read before it could "
            "be stopped"
        )
