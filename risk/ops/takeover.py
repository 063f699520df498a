"""Another ruleset takes over while the live job decides: no payment waits for it.

Each step looks first whether it was done already, so that after a crash the same command goes on.
Until the old job has promised a moment, all of it can be called off, and the old job just goes on.
From then on payments of that moment and later are the new job's, and there is no way but forward.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from risk.config import names
from risk.config.names import SCORE, STANDBY
from risk.config.settings import Settings
from risk.engine.takeover.takeover import Takeover
from risk.errors import StackError, UserError
from risk.kafka.groups import forget
from risk.kafka.ranges import resolve
from risk.ops import checkpoints, jobs, metadata, standby
from risk.ops.agreement import Agreement, agreement
from risk.ops.new_checkpoint import wait_checkpoint
from risk.ops.restart import lacking
from risk.ops.rulesets import Chosen
from risk.registry import activations, promotion, runs
from risk.registry.deployments import carried
from risk.registry.promotion import Promotion
from risk.registry.runs import Run
from risk.stack.flink_rest import FlinkRest
from risk.stack.process import Home

Say = Callable[[str], None]
FIRST_WORD_S: Final = 90.0
LOOK_S: Final = 5.0  # between two looks at whether the jobs still run
ANSWER_S: Final = 180.0  # an old job on a busy machine answers between two batches
DRAINED_S: Final = 900.0  # event times may be minutes ahead, and settle only then
PROPOSALS: Final = 5


class Change(NamedTuple):
    """Who takes over from whom. `bootstrap_ms` is how far back the new job reads where features
    have no history; None where all have theirs. `active` is told when its ruleset is the active
    one, while the old job still settles what is its own.
    """

    settings: Settings
    home: Home
    plan: Promotion
    chosen: Chosen
    old: Run
    bootstrap_ms: int | None
    say: Say
    still_alone: Callable[[], None]
    active: Callable[[], object]


def take_over(change: Change) -> None:
    """Bring it to its end. Raises `UserError`, `Unavailable`, `FlinkUnavailable`."""
    with agreement(change.settings, change.plan.run_id) as agreed:
        found = agreed.offer(change.plan.old_run_id)
        if found.at is None:
            _stand_by(change, agreed, found)
            _propose(change, agreed, found)
        _hand_over(change, agreed, found)
        _end(change, agreed, found)


def call_off(settings: Settings, plan: Promotion) -> bool:
    """Call off a takeover that nobody has promised. Whether it is off, and nothing under way."""
    with agreement(settings, plan.run_id) as agreed:
        if not agreed.call_off():
            return False
    if job := standby.job_of(settings, plan.run_id):
        jobs.cancel(settings, job)
    promotion.abandon(settings)
    return True


def _stand_by(change: Change, agreed: Agreement, found: Takeover) -> None:
    """Start the new job beside the old one, and wait until it has caught up."""
    settings, plan, say = change.settings, change.plan, change.say
    old = standby.job_of(settings, plan.old_run_id)
    if old is None:
        call_off(settings, plan)
        raise UserError(
            f"{plan.old_run_id} has ended: `risk submit all` lets it go on, then ask again"
        )
    checkpoints.remember(change.home, SCORE, old)
    try:
        agreed.wait(
            lambda: found.words,
            FIRST_WORD_S,
            f"{plan.old_run_id} says nothing in {settings.topics.control}: if it runs code of an "
            "earlier version, stop it, and start it with `risk submit all`",
        )
        if standby.job_of(settings, plan.run_id) is None:
            jobs.wait_running(settings, old)
            savepoint = jobs.savepoint(settings, old)
            promotion.note_savepoint(settings, savepoint, change.old.history_since)
            change.still_alone()
            back = change.bootstrap_ms
            if back is not None and not lacking(settings, change.home, change.chosen, change.old):
                back = None  # all features have their history in the savepoint
            say(f"starting {plan.run_id} under {change.chosen.tag} beside {plan.old_run_id}")
            job = standby.start(
                settings, change.home, change.chosen, change.old, plan.run_id, savepoint, back, say
            )
            checkpoints.remember(change.home, STANDBY, job, savepoint)
        say(f"{plan.run_id} catches up")
        _wait_ready(change, agreed, found)
    except (UserError, StackError) as error:
        if not call_off(settings, plan):
            raise UserError(f"{error}: ask once more") from None
        raise UserError(
            f"{change.chosen.tag} does not take over: {error}: {plan.old_run_id} goes on"
        ) from None


def _wait_ready(change: Change, agreed: Agreement, found: Takeover) -> None:
    """Until the new job has read all that the old one has, however long that takes."""
    while not found.ready:
        job = standby.job_of(change.settings, change.plan.run_id)
        if job is None:
            raise UserError(f"{change.plan.run_id} has ended")
        jobs.wait_running(change.settings, job)
        try:
            agreed.wait(lambda: found.ready, LOOK_S, "")
        except UserError:
            continue
    job = standby.job_of(change.settings, change.plan.run_id)
    assert job is not None
    wait_checkpoint(change.settings, job)


def _propose(change: Change, agreed: Agreement, found: Takeover) -> None:
    """Propose moments until the old job promises one."""
    for _ in range(PROPOSALS):
        if found.at is None and (found.proposed is None or found.overdue()):
            agreed.propose()
        agreed.wait(
            lambda: found.at is not None or found.overdue(),
            ANSWER_S,
            f"{change.plan.old_run_id} does not answer in {change.settings.topics.control}: "
            "see `risk status`, and ask once more",
        )
        if found.at is not None:
            return
    call_off(change.settings, change.plan)
    raise UserError(f"{change.plan.old_run_id} is too far behind: see `risk status`, ask again")


def _hand_over(change: Change, agreed: Agreement, found: Takeover) -> None:
    """Both run until the new job decides; then its ruleset is the active one."""
    settings, plan, at = change.settings, change.plan, found.at
    assert at is not None
    change.still_alone()
    job = _running(change, found)
    agreed.wait(
        lambda: found.yielded,
        ANSWER_S,
        f"{plan.old_run_id} has promised, and does not yield: see `risk status`, ask once more",
    )
    group = names.standby_group(plan.run_id)
    topic = settings.topics.transactions
    offsets = metadata.named(resolve(settings.kafka, topic, group, str(at), None).start)
    if runs.get(settings, plan.run_id) is None:
        runs.start(
            settings,
            metadata.run_of(
                change.chosen,
                plan.run_id,
                "live",
                job,
                placement=change.old.placement,
                parallelism=change.old.parallelism,
                consumer_group=group,
                shadow=standby.shadow_of(change.chosen, change.old),
                offsets_from=offsets,
                history_since=standby.noted_history(settings),
            ),
        )
    own = carried(change.chosen.ruleset, plan.run_id, offsets)
    activations.activate(settings, *change.chosen.key, plan.how, own)
    change.say(f"{change.chosen.tag} is the active ruleset: job {job} runs as {plan.run_id}")
    change.active()


def _running(change: Change, found: Takeover) -> str:
    """Both jobs, as far as there is something left for them to do; the new one's id."""
    settings, home, plan = change.settings, change.home, change.plan
    if not found.drained and standby.job_of(settings, plan.old_run_id) is None:
        change.say(f"{plan.old_run_id} has ended: starting it again from its last checkpoint")
        job = standby.resume(settings, home, change.old, _left(change, SCORE), change.say)
        checkpoints.remember(home, SCORE, job, _left(change, SCORE))
    if (new := standby.job_of(settings, plan.run_id)) is None:
        change.say(f"{plan.run_id} has ended: starting it again from its last checkpoint")
        left = _left(change, STANDBY)
        new = standby.start(
            settings, home, change.chosen, change.old, plan.run_id, left, None, change.say
        )
        checkpoints.remember(home, STANDBY, new, left)
    return new


def _left(change: Change, kind: str) -> str:
    """What a job of the two has left to go on from."""
    if uri := checkpoints.latest(change.settings, change.home, kind):
        return uri
    where = checkpoints.place(change.settings, change.home)
    raise UserError(f"no checkpoint of the {kind} job is in {where}: see `risk runs`")


def _end(change: Change, agreed: Agreement, found: Takeover) -> None:
    """End the old job once all that is its own has settled, and nothing is under way."""
    settings, home, plan = change.settings, change.home, change.plan
    if not found.drained:
        change.say(f"{plan.old_run_id} stays until its last payments have settled")
    why = f"{plan.old_run_id} still has payments that have not settled: ask once more"
    agreed.wait(lambda: found.drained, DRAINED_S, why)
    new = standby.job_of(settings, plan.run_id)
    assert new is not None
    # From which on no payment of the old job is read again.
    wait_checkpoint(settings, new)
    if old := standby.job_of(settings, plan.old_run_id):
        change.still_alone()
        savepoint = jobs.stop_with_savepoint(settings, old)  # so that all it said is in Kafka
        jobs.wait_ended(settings, old)
        FlinkRest(settings.flink.url).post("/savepoint-disposal", {"savepoint-path": savepoint})
    begun = runs.get(settings, plan.run_id)
    ended = begun.offsets_from if begun else None
    runs.finish(settings, plan.old_run_id, state="stopped", offsets_to=ended)
    checkpoints.remember(home, SCORE, new)
    # Nobody commits under it any more, and a lag that only grows looks like scoring that stands.
    forget(settings, metadata.group_of(change.old))
    promotion.abandon(settings)
    change.say(f"{plan.old_run_id} has ended")
