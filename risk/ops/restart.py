"""Another ruleset takes over by a restart from a savepoint: the way of the sharded placement.

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
from risk.ops.rulesets import Chosen, choose, tag
from risk.ops.standby import job_of, noted_history, shadow_of
from risk.ops.stop import stop
from risk.registry import promotion, runs
from risk.registry.deployments import carried
from risk.registry.promotion import Promotion
from risk.registry.runs import Run
from risk.stack.process import Home

Say = Callable[[str], None]


def restart(
    settings: Settings,
    home: Home,
    chosen: Chosen,
    plan: Promotion,
    old: Run,
    say: Say,
    still_alone: Callable[[], None],
) -> None:
    """Bring it to its end. Raises `UserError`, `Unavailable`, `FlinkUnavailable`."""
    savepoint = plan.savepoint
    job = job_of(settings, plan.run_id)
    if job is None:
        savepoint = savepoint or stop(settings, home, plan, old, say)
        still_alone()
        job = _start(settings, home, chosen, plan, old, savepoint, say)
    still_alone()
    anew = bool(lacking(settings, home, chosen, old))
    _note(settings, chosen, old, plan.run_id, job)
    checkpoints.remember(home, names.SCORE, job, savepoint or None)
    offsets = _first_scored(settings, old, plan.run_id, anew)
    promotion.finish(settings, plan, carried(chosen.ruleset, plan.run_id, offsets))
    say(f"{chosen.tag} is the active ruleset: job {job} runs as {plan.run_id}")


def lacking(settings: Settings, home: Home, chosen: Chosen, old: Run) -> Sequence[str]:
    """The features that the ruleset and what stays in its shadow have no history of."""
    beside = shadow_of(chosen, old)
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
        if found := job_of(settings, plan.run_id):
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
    beside = shadow_of(chosen, old)
    shadow = choose(settings, home, beside, "--shadow") if beside else None
    anew = bool(lacking(settings, home, chosen, old))
    start = "earliest" if anew else None
    request = live.LiveRequest(
        run_id=run_id,
        group=old.consumer_group or None,
        start=start,
        goes_on=not anew,
        history_since=old.history_since,
    )
    new = live.submission(settings, home, chosen, shadow, request, say)
    promotion.note_history(settings, new.history_since)
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
        shadow=shadow_of(chosen, old),
        offsets_from=metadata.reached(settings, old),
        history_since=noted_history(settings),
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
