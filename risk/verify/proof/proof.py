"""A whole proof: the stream, the oracle, the runs one after the other, the report."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

import msgspec

from generator.stream import records
from risk.config.settings import Settings
from risk.engine.oracle import expected
from risk.kafka import own_topics
from risk.kafka.feedback_log import logged
from risk.kafka.scan import read_all
from risk.ops.feedback.send import send
from risk.ops.ruleset_folder import read_folder
from risk.stack.machine import machine
from risk.stack.process import Home
from risk.verify.proof import report, run_topics
from risk.verify.proof.digest import total, wanted
from risk.verify.proof.growth import growth
from risk.verify.proof.judge import Want
from risk.verify.proof.publishing import disordered, publish
from risk.verify.proof.report import Oracle, Report
from risk.verify.proof.variants import Run, Stage, score
from risk.verify.proof.verdicts import verdicts
from risk.verify.recorded import late_behind_frontier
from risk.verify.wanted import consumed

STATE = "state"


class Proof:
    """One stream of `events` records, under the ruleset in a folder.

    The report at `path` is written after every run.
    """

    def __init__(
        self,
        settings: Settings,
        home: Home,
        ruleset: Path,
        events: int,
        seed: int,
        rate: float,
        path: Path,
        say: Callable[[str], None],
    ) -> None:
        self._settings, self._home, self._path, self._say = settings, home, path, say
        self._lane = run_topics.stream(settings, str(seed))
        self._folder, self._ruleset = ruleset, read_folder(ruleset)
        self._report = Report(
            events=events,
            seed=seed,
            rate=rate,
            start_time=0,
            ruleset=self._ruleset.name,
            fingerprint=self._ruleset.fingerprint,
            machine=machine(),
        )

    def run(self, variants: Sequence[str]) -> Report:
        """Score the stream in these ways, one after the other. Raises `UserError`."""
        found = self._report
        ways = [name for name in variants if name != STATE]
        earlier = self._earlier()
        if earlier and "live" not in ways:
            self._report = found = msgspec.structs.replace(earlier, machine=found.machine)
        elif ways:
            self._prepare(paced="live" in ways)
        stage = Stage(
            self._lane,
            self._home,
            self._folder,
            found.events,
            lambda: self._publish(paced=True),
            lambda: self._want,
        )
        for name in ways:
            self._say(f"{name}: …")
            run = score(name, stage)
            found.runs = {**found.runs, name: run}
            self._note(name, run)
        if STATE in variants:
            self._say(f"{STATE}: …")
            found.state = growth(
                self._settings,
                self._home,
                self._folder,
                self._ruleset.features,
                found.events,
                found.seed,
            )
            self._say(f"{STATE}: {found.state.ratio:.3f} times in the second half")
            self._write()
        return found

    def _prepare(self, paced: bool) -> None:
        """Make the stream's topics; fill them if no run is to see them being filled."""
        topics = self._lane.topics
        own_topics.make(self._lane, (topics.transactions, topics.labels, topics.feedback))
        run_topics.make_outputs(self._lane, run_topics.LIVE)
        if not paced:
            self._publish(paced=False)

    def _earlier(self) -> Report | None:
        """The report of an earlier call about a stream that is still there."""
        found, new = report.read(self._path), self._report
        same = found and (found.events, found.seed, found.fingerprint) == (
            new.events,
            new.seed,
            new.fingerprint,
        )
        there = run_topics.count(self._lane, self._lane.topics.transactions) == new.events
        return found if same and there else None

    def _publish(self, paced: bool) -> float:
        """Send the stream, of which nothing is of the future; how late it was, in s, at most.

        If features count verdicts, these are there first: so none comes too late to count.
        """
        found = self._report
        length_s = 0.0 if paced else found.events / found.rate
        found.start_time = time.time_ns() // 1_000_000 - int(length_s * 1_000)
        partitions = self._settings.kafka.partitions
        stream = disordered(found.events, found.seed, found.rate, found.start_time, partitions)
        if any(one.of_verdicts for one in self._ruleset.features):
            sent = send(self._lane, verdicts(records(stream)))
            self._say(f"{sent:,} verdicts")
        return publish(self._lane, records(stream), paced)

    @cached_property
    def _want(self) -> Want:
        """What the oracle says of the stream as it stands in Kafka."""
        began = time.monotonic()
        stream = consumed(self._lane, failed=())
        late = late_behind_frontier(run_topics.outputs(self._lane, run_topics.LIVE))
        known = logged(read_all(self._lane, self._lane.topics.feedback))
        found = expected(stream, self._ruleset, self._lane.scoring, late, known)
        outputs = wanted(found, self._ruleset, self._lane.kafka.max_payment_bytes)
        self._report.oracle = Oracle(
            len(found.scores),
            found.duplicate,
            len(found.late),
            len(found.rejected),
            found.conflicts,
            *map(total, outputs),
        )
        self._say(f"oracle: {len(found.scores):,} scores in {time.monotonic() - began:.0f} s")
        return Want(found, outputs, self._ruleset)

    def _note(self, name: str, run: Run) -> None:
        judgement = run.judgement
        self._say(
            f"{name}: {judgement.scored:,} scored, {judgement.corrections:,} corrected, "
            f"{judgement.differences:,} different, {run.behind} behind, {run.seconds:.0f} s"
        )
        self._write()

    def _write(self) -> None:
        self._report.conclude()
        report.write(self._report, self._path)
