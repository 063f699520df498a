"""Another ruleset takes over: a job that stands by beside the live one, or the live one restarted.

What has been done is noted step by step, here and in risk.control. Whatever it dies between, the
same command once more goes on from there.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Final, NamedTuple

from risk.config import names
from risk.config.settings import Settings
from risk.errors import UserError
from risk.ops import history, metadata, takeover
from risk.ops.agreement import agreed_by
from risk.ops.restart import lacking, restart
from risk.ops.rulesets import Chosen, archive, choose, tag
from risk.ops.submit import live_jobs
from risk.registry import activations, promotion, runs
from risk.registry.deployments import carried, deployments
from risk.registry.promotion import Promotion
from risk.registry.runs import Run
from risk.stack.process import Home

Say = Callable[[str], None]


class History(NamedTuple):
    """Where features have none that the running job could give them: how far back Kafka is read, in
    ms; or, of the sharded placement, whether all of it is, and decided again.
    """

    bootstrap_ms: int | None = None
    anew: bool = False


RUNNING: Final = History()  # the running job has all


def promote(
    settings: Settings,
    home: Home,
    chosen: Chosen,
    how: str,
    say: Say,
    still_alone: Callable[[], None] = lambda: None,
    read: History = RUNNING,
    active: Callable[[], object] = lambda: None,
) -> None:
    """Let a ruleset take over. Raises `UserError`, `Unavailable`, `FlinkUnavailable`.

    `still_alone` raises if another process may have begun to do the same. `active` is told when
    payments are the ruleset's to decide, which is before the old job has ended; where nothing has
    to change it isn't.
    """
    plan = promotion.under_way(settings)
    if plan is not None and (plan.ruleset, plan.version, plan.how) != (*chosen.key, how):
        raise UserError(f"{under_way(plan)} ends it")
    begun = agreed_by(settings, plan.run_id) if plan is not None else None
    if plan is not None and begun is not None and begun.called_off:
        takeover.call_off(settings, plan)
        plan = None
    if plan is None:
        plan = _begin(settings, home, chosen, how, say, read)
        if plan is None:
            return
    else:
        say(f"going on with the {how} to {chosen.tag} that was begun")
    old = runs.get(settings, plan.old_run_id)
    assert old is not None, "it was noted before"
    if old.placement == "sharded":
        restart(settings, home, chosen, plan, old, say, still_alone)
        active()
        return
    back = read.bootstrap_ms
    change = takeover.Change(settings, home, plan, chosen, old, back, say, still_alone, active)
    takeover.take_over(change)


def under_way(plan: Promotion) -> str:
    """That it is under way, in words, and the command that goes on with it."""
    command = "risk rollback" if plan.how == "rollback" else f"risk promote {plan.ruleset}"
    return f"a {plan.how} to {tag(plan.ruleset, plan.version)} is under way: `{command}`"


def _begin(
    settings: Settings, home: Home, chosen: Chosen, how: str, say: Say, read: History
) -> Promotion | None:
    """Note a new promotion; None if there is nothing to change."""
    metadata.refresh(settings)
    found = live_jobs(settings).get(names.SCORE)
    old = next((r for r in runs.running(settings) if found and r.job_id == found.id), None)
    active = activations.active(settings)
    if old is None:
        hint = "it was not submitted by risk" if found else "`risk submit all` starts it"
        raise UserError(f"no live scoring job that is noted runs: {hint}")
    runs_already = chosen.key == (old.ruleset, old.ruleset_version)
    if runs_already and active == chosen.key:
        say(f"{chosen.tag} is the active ruleset already")
        return None
    _check_history(settings, home, chosen, old, how, read)
    archive(settings, chosen)
    if active is None:
        known = choose(settings, home, tag(old.ruleset, old.ruleset_version)).ruleset
        own = carried(known, old.run_id, old.offsets_from)
        activations.activate(settings, old.ruleset, old.ruleset_version, carried=own)
        if runs_already and read == RUNNING:
            say(f"{chosen.tag} is the active ruleset now: the running job decides by it already")
            return None
    if chosen.ruleset.models:
        deployments(settings, limit=1)  # where `risk migrate` is due, that is told before it begins
    run_id = names.live_run(uuid.uuid4().hex[:8])
    plan = Promotion(*chosen.key, how, run_id, old.run_id, old.job_id)
    promotion.begin(settings, plan)
    return plan


def _check_history(
    settings: Settings, home: Home, chosen: Chosen, old: Run, how: str, read: History
) -> None:
    """Raise `UserError` where features have no history, and nothing says where it is read."""
    sharded = old.placement == "sharded"
    if read.anew and not sharded:
        raise UserError(
            "--anew: only of the sharded placement: with `--bootstrap 7d` no payment is decided "
            "twice"
        )
    if read.bootstrap_ms is not None and sharded:
        raise UserError("--bootstrap: not in the sharded placement: use `--anew`")
    new = lacking(settings, home, chosen, old)
    if not new or read.anew or read.bootstrap_ms is not None:
        return
    command = "risk rollback" if how == "rollback" else f"risk promote {chosen.ruleset.name}"
    lets = (
        f"`{command} --anew` lets it read the topic from its first record: it decides every "
        "payment again, and alerts go out again"
        if sharded
        else f"`{command} --bootstrap 7d` lets it read what Kafka still holds of 7 days first"
    )
    raise UserError(
        f"{chosen.tag} declares features that the running job has no history of: "
        f"{history.told(new)}: {lets}"
    )
