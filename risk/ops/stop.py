"""The end of a live job that another takes over from: nothing that it has emitted is forgotten."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from risk.config.settings import Settings
from risk.errors import UserError
from risk.kafka.groups import committed, ends
from risk.ops import jobs, metadata
from risk.registry import promotion
from risk.registry.promotion import Promotion
from risk.registry.runs import Run
from risk.stack.flink_rest import FlinkRest, FlinkUnavailable
from risk.stack.process import Home

Say = Callable[[str], None]
READ_S = 120.0


def stop(settings: Settings, home: Home, plan: Promotion, old: Run, say: Say) -> str:
    """The old job's savepoint; it is stopped unless it has been. Raises `UserError`."""
    job = jobs.find(settings, plan.old_job_id)
    if job is not None and not job.ended:
        jobs.wait_running(settings, plan.old_job_id)
        _wait_for_checkpoint(settings, old, say)
        say(f"stopping {plan.old_run_id} with a savepoint")
        savepoint = jobs.stop_with_savepoint(settings, plan.old_job_id)
        jobs.wait_ended(settings, plan.old_job_id)
    elif (left := _left_by(settings, home, plan.old_job_id)) is None:
        promotion.abandon(settings)
        raise UserError(
            f"job {plan.old_job_id} has ended without a savepoint: "
            "`risk submit all` lets it go on, then ask again"
        )
    else:
        savepoint = left
    promotion.note_savepoint(settings, savepoint, old.history_since)
    return savepoint


def _wait_for_checkpoint(settings: Settings, old: Run, say: Say) -> None:
    """Wait until the old job's checkpoint covers all that it has emitted.

    After a crash it reads again, from its last checkpoint, what it has emitted before. Stopped
    before it is there, it would leave these events to the other ruleset, and uncorrected under its
    own.
    """
    topic = settings.topics.transactions
    upto = ends(settings, topic)

    def there() -> bool:
        read = committed(settings, metadata.group_of(old), topic)
        return all(read.get(p, 0) >= high for p, high in upto.items())

    if not there():
        say(f"waiting until {old.run_id} has read what there is now")
        message = f"{old.run_id} has not read all yet: see `risk status`, and ask again later"
        jobs.wait(there, READ_S, message)


def _left_by(settings: Settings, home: Home, job: str) -> str | None:
    """The savepoint of a job that has ended; None if it left none."""
    try:
        latest = FlinkRest(settings.flink.url).get(f"/jobs/{job}/checkpoints")["latest"]
        if found := latest.get("savepoint"):
            return str(found["external_path"])
    except FlinkUnavailable:
        pass  # a cluster started anew doesn't know the job
    folder = home.folder("flink") / "savepoints"
    left = sorted(folder.glob(f"savepoint-{job[:6]}-*/_metadata"), key=_changed)
    return left[-1].parent.as_uri() if left else None


def _changed(path: Path) -> float:
    return path.stat().st_mtime
