"""The jobs of a takeover: the one that stands by, and the old one, where it has ended."""

from __future__ import annotations

import time
from collections.abc import Callable

import psutil

from risk.config import names
from risk.config.settings import Settings
from risk.errors import UserError
from risk.ops import jobs, live
from risk.ops.rulesets import Chosen, choose, tag
from risk.registry import promotion
from risk.registry.runs import Run
from risk.stack.process import Home, alive

Say = Callable[[str], None]
MIB = 1 << 20


def job_of(settings: Settings, run_id: str) -> str | None:
    """The id of the running job of that run."""
    named = jobs.running(settings, names.SCORING_JOBS)
    return next((job.id for job in named if names.is_of_run(job.name, run_id)), None)


def shadow_of(chosen: Chosen, old: Run) -> str:
    """The ruleset in the old run's shadow, unless it now decides itself."""
    return old.shadow if old.shadow != chosen.tag else ""


def start(
    settings: Settings,
    home: Home,
    chosen: Chosen,
    old: Run,
    run_id: str,
    savepoint: str,
    bootstrap_ms: int | None,
    say: Say,
) -> str:
    """The job that stands by for the old run; its id.

    It goes on from the savepoint, and knows as much of the past as is noted, or with `bootstrap_ms`
    from what Kafka still holds of so long, and that is noted. Raises `UserError` if it doesn't run.
    """
    check_memory(settings, home)
    begin = None if bootstrap_ms is None else str(time.time_ns() // 1_000_000 - bootstrap_ms)
    beside = shadow_of(chosen, old)
    shadow = choose(settings, home, beside, "--shadow") if beside else None
    group = names.standby_group(run_id)
    request = live.LiveRequest(
        run_id=run_id,
        group=group,
        start=begin or "latest",
        goes_on=begin is None,
        history_since=noted_history(settings),
    )
    new = live.submission(settings, home, chosen, shadow, request, say)
    promotion.note_history(settings, new.history_since)
    arguments = [*new.arguments, "--standby", "--group", group, "--start", begin or "earliest"]
    return _submit(settings, home, arguments, None if begin else savepoint)


def noted_history(settings: Settings) -> int | None:
    """What the run that takes over knows of the past, as `Run` has it. Raises `Unavailable`."""
    plan = promotion.under_way(settings)
    return plan.history_since if plan else None


def resume(settings: Settings, home: Home, old: Run, checkpoint: str, say: Say) -> str:
    """The old run once more, from its last checkpoint; its id."""
    chosen = choose(settings, home, tag(old.ruleset, old.ruleset_version))
    shadow = choose(settings, home, old.shadow, "--shadow") if old.shadow else None
    request = live.LiveRequest(
        run_id=old.run_id,
        group=old.consumer_group or None,
        start="earliest",
        goes_on=True,
        history_since=old.history_since,
    )
    again = live.submission(settings, home, chosen, shadow, request, say)
    arguments = [*again.arguments, "--start", "earliest"]
    arguments += ["--group", old.consumer_group] if old.consumer_group else []
    return _submit(settings, home, arguments, checkpoint)


def check_memory(settings: Settings, home: Home) -> None:
    """Raise `UserError` where one more TaskManager of the embedded cluster has no room."""
    needed, free = settings.flink.taskmanager_mb, psutil.virtual_memory().available // MIB
    if alive(home, "flink") and free < needed:
        raise UserError(
            f"{free} MB of memory available, {needed} needed for a second scoring job: "
            "close something, or lower flink.taskmanager_mb"
        )


def _submit(settings: Settings, home: Home, arguments: list[str], savepoint: str | None) -> str:
    jobs.fresh_slots(settings, home)
    options = ["--fromSavepoint", savepoint] if savepoint else []
    job = jobs.submit(settings, home, "score.py", arguments, options)
    jobs.wait_running(settings, job)
    return job
