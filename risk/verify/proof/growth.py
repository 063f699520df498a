"""That state stays as it is however many events have gone by: its size as a long stream goes on."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from statistics import mean

import msgspec

from generator.stream import records
from risk.config.settings import Settings
from risk.engine.rules.declaration import Declaration
from risk.kafka import own_topics
from risk.kafka.topics import delete_topics
from risk.ops import jobs
from risk.stack.flink_rest import FlinkRest, FlinkUnavailable
from risk.stack.process import Home
from risk.verify.proof import run_topics
from risk.verify.proof.publishing import SPAN_S, long, publish
from risk.verify.proof.scoring import Scoring

PARTS = 10
LIMIT = 1.25  # the state in the second half of the stream over that in the first, on average
READ_S = 120.0
SHOWN = 5
TENTH_MS = int(SPAN_S * 1_000) // PARTS
APPLIES = (
    "The stream lasts {hours:.1f} hours of event time, a tenth of it {minutes:.0f} minutes: longer "
    "than the windows of an ip (2 min) and a user (5 min, kept 6), and than a device's session and "
    "what is kept of it (30 and 40 min), all of which come and go within it. What is kept of a "
    "user for 30 days grows with the users there are, of whom this stream has as many from first "
    "to last; that it ends after 30 days this stream doesn't show."
)
OUTLASTED = (
    "The stream lasts {hours:.1f} hours of event time, a tenth of it {minutes:.0f} minutes. "
    "{count} of the ruleset's features look further back than that, or count verdicts, for which "
    "each payment is remembered for weeks: {names}. So state goes on growing until the stream's "
    "end, and whether it would stay as it is from then on isn't judged."
)


class Point(msgspec.Struct):
    """The state after so many events: of a savepoint, which holds nothing but what is live, and of
    the last checkpoint, which holds what RocksDB hasn't compacted yet; in bytes.
    """

    events: int
    savepoint_bytes: int
    checkpoint_bytes: int
    rocksdb_bytes: int


class Growth(msgspec.Struct):
    """All points. `ratio` is of savepoints: their mean in the second half over that in the first.

    Single ones go up and down: events leave state by the batches in which they came. It is `judged`
    if all that features look back at comes and goes within the stream.
    """

    applies: str
    points: list[Point]
    ratio: float
    judged: bool = True

    def problems(self) -> list[str]:
        """What is wrong, in words."""
        grown = f"state grew {self.ratio:.2f} times from the first half to the second"
        return [grown] if self.judged and self.ratio > LIMIT else []


def outlasting(declared: Iterable[Declaration]) -> list[str]:
    """The features that remember payments for longer than a tenth of the stream lasts."""
    return [one.name for one in declared if one.of_verdicts or one.retention > TENTH_MS]


def growth(
    settings: Settings,
    home: Home,
    ruleset: Path,
    declared: Iterable[Declaration],
    events: int,
    seed: int,
) -> Growth:
    """Score a long stream, part by part, and measure the state after each. Raises `UserError`."""
    run_settings = run_topics.outputs(run_topics.stream(settings, f"{seed}.long"), "state")
    topics = msgspec.structs.astuple(run_settings.topics)
    own_topics.make(run_settings, topics)
    now = time.time_ns() // 1_000_000
    stream = records(long(events, seed, now, settings.kafka.partitions))
    job = Scoring(run_settings, home, "prove-state", ruleset, "fused", end=None)
    savepoints: list[str] = []
    points: list[Point] = []
    try:
        job.start()
        for part in range(1, PARTS + 1):
            upto = events * part // PARTS
            done = events * (part - 1) // PARTS
            publish(run_settings, islice(stream, upto - done), paced=False)
            jobs.wait(
                lambda upto=upto: job.read() == upto,  # type: ignore[misc]
                READ_S + events / 1_000,
                f"{job.name}: the job did not read {upto} records",
            )
            uri, size = _savepoint(run_settings, job.id)
            savepoints.append(uri)
            points.append(Point(upto, size, job.last_checkpoint(), job.numbers().state_bytes))
        savepoints.append(job.stop())
    finally:
        job.clean(savepoints)
        delete_topics(run_settings, topics)
    hours, longer = SPAN_S / 3_600, outlasting(declared)
    shown = ", ".join(longer[:SHOWN]) + (", …" if len(longer) > SHOWN else "")
    applies = (OUTLASTED if longer else APPLIES).format(
        hours=hours, minutes=60 * hours / PARTS, count=len(longer), names=shown
    )
    return Growth(applies, points, ratio(points), not longer)


def ratio(points: Sequence[Point]) -> float:
    """The mean size of the second half's savepoints over the first half's."""
    half = len(points) // 2
    sizes = [point.savepoint_bytes for point in points]
    return round(mean(sizes[half:]) / mean(sizes[:half]), 3)


def _savepoint(run_settings: Settings, job: str) -> tuple[str, int]:
    """Make a savepoint while the job runs; where it is, and its size in bytes."""
    rest = FlinkRest(run_settings.flink.url)
    request: str = rest.post(f"/jobs/{job}/savepoints", {"cancel-job": False})["request-id"]
    found: list[str] = []

    def made() -> bool:
        location = rest.savepoint(job, request)
        found[:] = [location] if location else []
        return bool(found)

    jobs.wait(made, jobs.SAVEPOINT_S, f"job {job}: no savepoint")
    for made_ in rest.get(f"/jobs/{job}/checkpoints")["history"]:
        if made_.get("external_path") == found[0]:
            return found[0], int(made_["state_size"])
    raise FlinkUnavailable(f"Flink doesn't know the size of {found[0]}")
