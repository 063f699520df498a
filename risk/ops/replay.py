"""A replay from submission to its end."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from risk.config import names
from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from risk.errors import UserError
from risk.kafka import scan as topics
from risk.kafka.groups import ends, lag
from risk.kafka.ranges import Range, resolve
from risk.ops import job_numbers, jobs, metadata, past
from risk.ops.replay_range import offsets, place
from risk.ops.rulesets import Chosen, archive
from risk.ops.submit import live_jobs
from risk.registry import runs
from risk.registry.runs import Run
from risk.stack.flink_rest import FlinkRest, FlinkUnavailable
from risk.stack.process import Home
from sinks import registry

POLL_S = 1.0
DELIVERED_S = 60.0


class ReplayRequest(NamedTuple):
    """What is to be replayed, as the user said it; with `follow` it has no end."""

    begin: str
    end: str
    follow: bool
    run_id: str | None
    placement: str
    parallelism: int


class Progress(msgspec.Struct):
    """How far a replay is: records read of those to be read, and scored so far."""

    read: int
    total: int
    scored: int
    seconds: float


def begin(settings: Settings, home: Home, chosen: Chosen, request: ReplayRequest) -> Run:
    """Submit a replay and wait until it runs; its metadata. Raises `UserError`.

    It is noted before its job is there, so that one whose command was killed is known, too.
    """
    run_id = _run_id(request.run_id)
    span = _span(settings, request, run_id)
    arguments = [
        *("--kind", "replay", "--scores-only", "--run-id", run_id),
        *("--ruleset", str(chosen.folder), "--start", offsets(span.start)),
        *("--placement", request.placement, "--parallelism", str(request.parallelism)),
    ]
    since = past.read_since(settings, span._replace(start=span.low), "earliest")
    arguments += [] if since is None else ["--history-since", str(since)]
    if span.end is not None:
        arguments += ["--end", offsets(span.end), "--read-to", offsets(span.high)]
    try:
        archive(settings, chosen)
        if (known := runs.get(settings, run_id)) and known.state == "running":
            raise UserError(f"--run-id {run_id}: it runs already: see `risk runs`")
        run = metadata.run_of(
            chosen,
            run_id,
            "replay",
            "",
            placement=request.placement,
            parallelism=request.parallelism,
            offsets_from=metadata.named(span.start),
            offsets_to=metadata.named(span.end),
            read_to=metadata.named(span.high) if span.end is not None else {},
            history_since=since,
        )
        jobs.fresh_slots(settings, home, request.parallelism)
        runs.start(settings, run)
        try:
            job = jobs.submit(settings, home, "score.py", arguments)
        except UserError:
            runs.finish(settings, run_id, state="failed")
            raise
        run = msgspec.structs.replace(run, job_id=job)
        runs.note_job(settings, run_id, job)
        jobs.wait_running(settings, job)
    except Unavailable as error:
        raise UserError(f"{error}: a replay is noted there") from None
    return run


def wait(settings: Settings, run: Run, tell: Callable[[Progress], object]) -> Run:
    """Wait for the end of a bounded replay, and end its job. Raises `UserError`."""
    rest, began = FlinkRest(settings.flink.url), time.monotonic()
    total = sum(run.read_to.values()) - sum(_low(settings).values())
    while True:
        job = jobs.find(settings, run.job_id)
        if job is None or job.ended:
            metadata.refresh(settings)
            if (noted := runs.get(settings, run.run_id)) and noted.state == "finished":
                return noted  # somebody else has looked at runs, and ended it
            why = jobs.root_cause(settings, run.job_id)
            raise UserError(f"{run.run_id} has ended before its end: {why}")
        try:
            numbers = job_numbers.read(rest, run.job_id)
        except FlinkUnavailable:
            time.sleep(POLL_S)
            continue
        seconds = time.monotonic() - began
        tell(Progress(numbers.read, total, numbers.outcomes.get("scored", 0), seconds))
        if metadata.is_settled(settings, run, numbers):
            metadata.end_replay(settings, run, numbers)
            return runs.get(settings, run.run_id) or run
        time.sleep(POLL_S)


def wait_delivered(settings: Settings) -> list[str]:
    """Wait until the delivery jobs have taken what is in risk.scores now; the stores without one.

    Raises `UserError` if one takes too long.
    """
    topic = settings.topics.scores
    upto, running = ends(settings, topic), live_jobs(settings)
    present = [store for store in registry.names() if store in running]
    for store in present:
        group = names.delivery_group(store)

        def done(group: str = group) -> bool:
            return not lag(settings, group, topic, upto)

        jobs.wait(done, DELIVERED_S, f"{store} has not caught up: see `risk status`")
    return [store for store in registry.names() if store not in present]


def forgotten(settings: Settings) -> str | None:
    """What the topic no longer has at its beginning, in words."""
    gone = sum(_low(settings).values())
    if not gone:
        return None
    return f"{gone:,} records are no longer in the topic: events that they were history of lack it"


def _run_id(named: str | None) -> str:
    return names.replay_run(uuid.uuid4().hex[:8] if named is None else named)


def _span(settings: Settings, request: ReplayRequest, run_id: str) -> Range:
    """The offsets of the wish. Raises `UserError` if there is nothing between."""
    start = place("--from", request.begin, "earliest")
    end = None if request.follow else place("--to", request.end, "latest")
    span = resolve(settings.kafka, settings.topics.transactions, run_id, start, end)
    if span.end is not None:
        bounded = {p: max(span.start[p], last) for p, last in span.end.items()}
        if bounded == span.start:
            raise UserError(
                f"--from {request.begin} --to {request.end}: {settings.topics.transactions} has no "
                "record there"
            )
        span = span._replace(end=bounded)
    return span


def _low(settings: Settings) -> dict[int, int]:
    """The offset of the first record of each partition."""
    found = topics.offsets(settings, settings.topics.transactions)
    return {p: low for p, (low, _) in found.items()}
