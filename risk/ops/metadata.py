"""Run metadata: noted when a scoring job starts, kept up with, and closed when it has ended."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from flink_jobs.version import CODE_VERSION
from risk.config import names
from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from risk.kafka.groups import committed, forget
from risk.ops import job_numbers, jobs
from risk.ops.job_numbers import Numbers
from risk.ops.rulesets import Chosen
from risk.registry import runs
from risk.registry.runs import Run
from risk.stack.flink_rest import RUNNING, FlinkRest, FlinkUnavailable, Job

Say = Callable[[str], None]


def named(found: Mapping[int, int] | None) -> dict[str, int]:
    """Offsets by partition, as run metadata has them."""
    return {str(partition): offset for partition, offset in sorted((found or {}).items())}


def run_of(chosen: Chosen, run_id: str, kind: str, job: str, **more: object) -> Run:
    """The metadata of a run that begins; `more` are other fields of it."""
    name, version = chosen.key
    fields: dict[str, object] = {"placement": "fused", **more}
    return Run(
        run_id=run_id,
        kind=kind,
        ruleset=name,
        ruleset_version=version,
        fingerprint=chosen.ruleset.fingerprint,
        code_version=CODE_VERSION,
        job_id=job,
        **fields,  # type: ignore[arg-type]
    )


def group_of(run: Run) -> str:
    """The consumer group that a run's job commits under."""
    if run.consumer_group:
        return run.consumer_group
    return names.scoring_group(run.ruleset) if run.kind == "live" else run.run_id


def told_group(settings: Settings, job_id: str) -> str | None:
    """The consumer group that a scoring job commits under, as it says itself; None of one that was
    submitted by earlier code, or that has not begun. Raises `FlinkUnavailable`.
    """
    return FlinkRest(settings.flink.url).parameters(job_id).get(names.GROUP_PARAMETER)


def noted_group(settings: Settings, job_id: str, job_name: str) -> str:
    """The same as is noted in Postgres; where nothing is, that of the job's ruleset."""
    with contextlib.suppress(Unavailable):
        for run in runs.running(settings):
            if run.job_id == job_id or names.is_of_run(job_name, run.run_id):
                return group_of(run)
    ruleset, _ = names.ruleset_of(job_name)
    return names.scoring_group(ruleset)


def last_live(settings: Settings) -> Run | None:
    """The live run that began last: one that goes on from its state is in its consumer group, and
    knows as much of the past. None also where no run is noted, and where Postgres is away.
    """
    with contextlib.suppress(Unavailable):
        return next((run for run in runs.list_runs(settings) if run.kind == "live"), None)
    return None


def is_settled(settings: Settings, run: Run, numbers: Numbers) -> bool:
    """Whether a replay has emitted all that it has to."""
    shards = settings.scoring.shards if run.placement == "sharded" else 1
    return bool(run.read_to) and numbers.settled >= shards


def refresh(settings: Settings) -> None:
    """Bring the metadata of all runs that may still run up to date; end replays that are settled.

    Raises `Unavailable` for Postgres; what Flink can't tell now stays as it is.
    """
    for run in runs.running(settings):
        try:
            _refresh(settings, run)
        except FlinkUnavailable:
            continue


def job_among(run: Run, found: Sequence[Job]) -> Job | None:
    """The job of a run among these. Where its id was not noted, as what submits it has not come to
    that yet, or was killed before, one of its name that runs: one that has ended may be that of an
    earlier run of that name.
    """
    if run.job_id:
        return next((job for job in found if job.id == run.job_id), None)
    own = (job for job in found if names.is_of_run(job.name, run.run_id))
    return next((job for job in own if job.state in RUNNING), None)


def is_being_submitted(run: Run, now: datetime) -> bool:
    """Whether the job of a run that was noted without one may still come."""
    began = run.started_at or now
    return not run.job_id and (now - began).total_seconds() < jobs.RUNNING_S


def _refresh(settings: Settings, run: Run) -> None:
    job = job_among(run, FlinkRest(settings.flink.url).jobs(running_only=False))
    if job is None and is_being_submitted(run, datetime.now(UTC)):
        return
    if job is not None and not run.job_id:
        run = msgspec.structs.replace(run, job_id=job.id)
        runs.note_job(settings, run.run_id, job.id)
    if job is None or job.state not in RUNNING:
        failed = job is not None and job.state == "FAILED"
        close(settings, run, "failed" if failed else "stopped")
        return
    numbers = job_numbers.read(FlinkRest(settings.flink.url), run.job_id)
    if is_settled(settings, run, numbers):
        end_replay(settings, run, numbers)
    else:
        runs.progress(settings, run.run_id, reached(settings, run), numbers.counts)


def end_replay(settings: Settings, run: Run, numbers: Numbers) -> None:
    """Stop a replay that has emitted all, once that is in Kafka, and note that it has finished.

    Raises `UserError`, `FlinkUnavailable` and `Unavailable`.
    """
    rest = FlinkRest(settings.flink.url)
    savepoint = jobs.stop_with_savepoint(settings, run.job_id)
    rest.post("/savepoint-disposal", {"savepoint-path": savepoint})
    close(settings, run, "finished", numbers.counts)
    forget(settings, group_of(run))


def close(
    settings: Settings, run: Run, state: str, counts: Mapping[str, int] | None = None
) -> None:
    """Note that a run has ended, and how far it came."""
    runs.finish(settings, run.run_id, state=state, offsets_to=reached(settings, run), counts=counts)


def reached(settings: Settings, run: Run) -> dict[str, int]:
    """The offset after the last one that a run has scored, or, if it is bounded, will have."""
    if run.read_to:
        return run.offsets_to
    return named(committed(settings, group_of(run), settings.topics.transactions))
