"""Another ruleset takes over the live job, from a savepoint, step by step.

What has been done is noted before the next step begins. Whatever it dies between, the same command
once more goes on from there: it finds the savepoint that the old job left, and sees whether the new
job runs. Only once it does is its ruleset the active one.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence

from risk.config import names
from risk.config.settings import Settings
from risk.errors import UserError
from risk.kafka.ranges import resolve
from risk.ops import checkpoints, history, jobs, live, metadata
from risk.ops.rulesets import Chosen, archive, choose, tag
from risk.ops.stop import stop
from risk.ops.submit import live_jobs
from risk.registry import activations, promotion, runs
from risk.registry.deployments import carried, deployments
from risk.registry.promotion import Promotion
from risk.registry.runs import Run
from risk.stack.flink_rest import Job
from risk.stack.process import Home

Say = Callable[[str], None]


def promote(
    settings: Settings,
    home: Home,
    chosen: Chosen,
    how: str,
    say: Say,
    still_alone: Callable[[], None] = lambda: None,
    anew: bool = False,
) -> None:
    """Let a ruleset take over. Raises `UserError`, `Unavailable`, `FlinkUnavailable`.

    `still_alone` raises if another process may have begun to do the same. A ruleset that declares
    features of which the running job has no history takes over only `anew`: it then reads the topic
    from its first record, and decides every payment again under its own version.
    """
    plan = promotion.under_way(settings)
    if plan is not None and (plan.ruleset, plan.version, plan.how) != (*chosen.key, how):
        command = "risk rollback" if plan.how == "rollback" else f"risk promote {plan.ruleset}"
        raise UserError(
            f"a {plan.how} to {tag(plan.ruleset, plan.version)} is under way: `{command}` ends it"
        )
    if plan is None:
        plan = _begin(settings, home, chosen, how, say, anew)
        if plan is None:
            return
    else:
        say(f"going on with the {how} to {chosen.tag} that was begun")
    old = runs.get(settings, plan.old_run_id)
    assert old is not None, "it was noted before"
    savepoint = plan.savepoint
    job = _job_of(settings, plan.run_id)
    if job is None:
        savepoint = savepoint or stop(settings, home, plan, old, say)
        still_alone()
        job = _start(settings, home, chosen, plan, old, savepoint, say)
    still_alone()
    anew = bool(_lacking(settings, home, chosen, old))
    _note(settings, chosen, old, plan.run_id, job)
    checkpoints.remember(home, names.SCORE, job, savepoint or None)
    offsets = _first_scored(settings, old, plan.run_id, anew)
    promotion.finish(settings, plan, carried(chosen.ruleset, plan.run_id, offsets))
    say(f"{chosen.tag} is the active ruleset: job {job} runs as {plan.run_id}")


def _begin(
    settings: Settings, home: Home, chosen: Chosen, how: str, say: Say, anew: bool
) -> Promotion | None:
    """Note a new promotion; None if there is nothing to change."""
    metadata.refresh(settings)
    found = live_jobs(settings).get(names.SCORE)
    old = next((r for r in runs.running(settings) if found and r.job_id == found.id), None)
    active = activations.active(settings)
    if old is None:
        hint = "it was not submitted by risk" if found else "`risk submit all` starts it"
        raise UserError(f"no live scoring job that is noted runs: {hint}")
    if active == chosen.key == (old.ruleset, old.ruleset_version):
        say(f"{chosen.tag} is the active ruleset already")
        return None
    if (new := _lacking(settings, home, chosen, old)) and not anew:
        command = "risk rollback" if how == "rollback" else f"risk promote {chosen.ruleset.name}"
        raise UserError(
            f"{chosen.tag} declares features that the running job has no history of: "
            f"{history.told(new)}: `{command} --anew` lets it read the topic from its first "
            "record: it decides every payment again, and alerts go out again"
        )
    if active is None:
        known = choose(settings, home, tag(old.ruleset, old.ruleset_version)).ruleset
        own = carried(known, old.run_id, old.offsets_from)
        activations.activate(settings, old.ruleset, old.ruleset_version, carried=own)
    if chosen.ruleset.models:
        deployments(settings, limit=1)  # where `risk migrate` is due, that is told before it begins
    archive(settings, chosen)
    run_id = names.live_run(uuid.uuid4().hex[:8])
    plan = Promotion(*chosen.key, how, run_id, old.run_id, old.job_id)
    promotion.begin(settings, plan)
    return plan


def _lacking(settings: Settings, home: Home, chosen: Chosen, old: Run) -> Sequence[str]:
    """The features that the ruleset and what stays in its shadow have no history of."""
    beside = _shadow(chosen, old)
    rulesets = [chosen.ruleset]
    rulesets += [choose(settings, home, beside, "--shadow").ruleset] if beside else []
    return history.lacking(settings, home, rulesets)


def _start(
    settings: Settings,
    home: Home,
    chosen: Chosen,
    plan: Promotion,
    old: Run,
    savepoint: str,
    say: Say,
) -> str:
    """Start the new job from the savepoint; if it doesn't run, the old ruleset goes on."""
    say(f"starting {plan.run_id} under {chosen.tag}")
    try:
        return _submit(settings, home, chosen, old, plan.run_id, savepoint, say)
    except UserError as error:
        if found := _job_of(settings, plan.run_id):
            jobs.cancel(settings, found)
        before = choose(settings, home, tag(old.ruleset, old.ruleset_version))
        run_id = names.live_run(uuid.uuid4().hex[:8])
        job = _submit(settings, home, before, old, run_id, savepoint, say)
        _note(settings, before, old, run_id, job)
        checkpoints.remember(home, names.SCORE, job, savepoint)
        promotion.abandon(settings)
        raise UserError(f"{chosen.tag} does not run: {error}: {before.tag} goes on") from None


def _submit(
    settings: Settings,
    home: Home,
    chosen: Chosen,
    old: Run,
    run_id: str,
    savepoint: str,
    say: Say,
) -> str:
    """A live job that goes on where the old one has stopped, placed as that was; its id.

    One that needs more history than is in the savepoint begins with the topic's first record.
    """
    beside = _shadow(chosen, old)
    shadow = choose(settings, home, beside, "--shadow") if beside else None
    anew = bool(_lacking(settings, home, chosen, old))
    start = "earliest" if anew else None
    request = live.LiveRequest(run_id=run_id, group=old.consumer_group or None, start=start)
    new = live.submission(settings, home, chosen, shadow, request, say)
    arguments = [*new.arguments, "--placement", old.placement]
    arguments += ["--parallelism", str(old.parallelism)]
    arguments += ["--group", old.consumer_group] if old.consumer_group else []
    arguments += ["--start", "earliest"] if anew else []
    options = [] if anew else ["--fromSavepoint", savepoint]
    jobs.fresh_slots(settings, home, old.parallelism)
    job = jobs.submit(settings, home, "score.py", arguments, options)
    jobs.wait_running(settings, job)
    return job


def _note(settings: Settings, chosen: Chosen, old: Run, run_id: str, job: str) -> None:
    """Note the end of the old run, and the new one, which begins where that has ended."""
    metadata.close(settings, old, "stopped")
    run = metadata.run_of(
        chosen,
        run_id,
        "live",
        job,
        placement=old.placement,
        parallelism=old.parallelism,
        consumer_group=old.consumer_group,
        shadow=_shadow(chosen, old),
        offsets_from=metadata.reached(settings, old),
    )
    if runs.get(settings, run_id) is None:
        runs.start(settings, run)


def _first_scored(settings: Settings, old: Run, run_id: str, anew: bool) -> dict[str, int]:
    """Where the new run began to score: where the old one ended, or at what Kafka still holds."""
    if anew:
        topic, group = settings.topics.transactions, metadata.group_of(old)
        return metadata.named(resolve(settings.kafka, topic, group, "earliest", None).start)
    begun = runs.get(settings, run_id)
    return begun.offsets_from if begun else {}


def _shadow(chosen: Chosen, old: Run) -> str:
    """The ruleset in the old run's shadow, unless it now decides itself."""
    return old.shadow if old.shadow != chosen.tag else ""


def _job_of(settings: Settings, run_id: str) -> str | None:
    """The id of the running job of that run."""
    named: list[Job] = jobs.running(settings, names.SCORING_JOBS)
    return next((job.id for job in named if names.is_of_run(job.name, run_id)), None)
