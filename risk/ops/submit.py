"""All live jobs from one client: those that don't run yet."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType

from risk.config import names
from risk.config.names import SCORE
from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from risk.errors import StackError, UserError
from risk.ops import checkpoints, history, jobs, metadata, takeover
from risk.ops import restore as restoring
from risk.ops.agreement import agreed_by
from risk.ops.erasure.copy_list import copy_list
from risk.ops.live import Live, LiveRequest, note, prepare
from risk.ops.restore import NotRestored
from risk.registry import promotion
from risk.stack.flink_rest import FlinkUnavailable, Job
from risk.stack.process import Home
from sinks import registry

REFUSED = "savepoint "  # so begins what a job's script says of state that doesn't fit
NOTHING: Mapping[str, str] = MappingProxyType({})


def every_kind() -> tuple[str, ...]:
    """The kinds of the live jobs: "score", and the names of the deliveries."""
    return names.live_kinds(registry.delivery_names())


def live_jobs(settings: Settings) -> dict[str, Job]:
    """The live jobs that run: by "score", or the name of the delivery; none beside them."""
    kinds = every_kind()
    named = ((names.kind_of(job.name), job) for job in jobs.running(settings, ""))
    return {kind: job for kind, job in named if kind in kinds}


def submit_all(
    settings: Settings,
    home: Home,
    say: Callable[[str], None],
    ruleset: str | None = None,
    anew: bool = False,
    shadow: str | None = None,
    given: Mapping[str, str] = NOTHING,
    only: Collection[str] = (),
) -> dict[str, str]:
    """Submit the scoring job and the delivery jobs, or `only` some; the ids of them, by kind.

    Those that run are left alone. The others go on from the checkpoint `given`, or the last one of
    their predecessors, so that nothing is lost and nothing scored without its history. With `anew`
    they read everything again: no result changes, but alerts go out again; so without a checkpoint
    only the first scoring job does. Raises `UserError`.
    """
    try:
        wanted = only or every_kind()
        present = {kind: job for kind, job in live_jobs(settings).items() if kind in wanted}
        if shadow and (running := present.get(SCORE)):
            raise UserError(
                f"--shadow {shadow}: {running.name} runs already, and takes a shadow only when it "
                f"starts: `flink cancel {running.id}`, then this again, from its last checkpoint"
            )
        found = {kind: job.id for kind, job in present.items()}
        for kind, job in present.items():
            checkpoints.remember(home, kind, job.id)
            say(f"{job.name} runs already: left alone")
        for kind in given:
            if kind in present:
                raise UserError(f"--from {kind}={given[kind]}: {present[kind].name} runs already")
        missing = [kind for kind in wanted if kind not in present]
        if missing:
            found |= _submit(settings, home, say, missing, ruleset, anew, shadow, given)
        return found
    except (StackError, FlinkUnavailable) as error:
        raise UserError(f"{error}: is the stack up? risk up") from None


def _submit(
    settings: Settings,
    home: Home,
    say: Callable[[str], None],
    kinds: Sequence[str],
    ruleset: str | None,
    anew: bool,
    shadow: str | None,
    given: Mapping[str, str],
) -> dict[str, str]:
    restored = {} if anew else restoring.restore_points(settings, home, kinds, given, say)
    arguments = ["--jobs", ",".join(kinds)]
    live = None
    if SCORE in kinds:
        settle_promotion(settings, say)
        goes_on = SCORE in restored
        start = "group" if goes_on else "earliest"
        last = metadata.last_live(settings) if goes_on else None
        group = (last.consumer_group or None) if last else None
        since = last.history_since if last else None
        request = LiveRequest(ruleset, shadow, None, group, start, goes_on, since)
        live = prepare(settings, home, say, request)
        arguments += ["--group", group] if group else []
        if SCORE not in restored and not anew:
            restoring.check_first(settings, home, live.group)
        if SCORE in restored:
            _check_history(settings, home, live)
        arguments += live.arguments
    for kind, uri in restored.items():
        arguments += ["--restore", f"{kind}={uri}"]
    _tell_erased(settings, kinds, say)
    jobs.fresh_slots(settings, home, len(kinds))
    try:
        ids = jobs.submit_several(settings, home, "all.py", arguments)
    except UserError as error:
        if not str(error).startswith(REFUSED):
            raise
        _cancel(settings, kinds)
        raise NotRestored(str(error)) from None
    found = dict(zip(kinds, ids, strict=True))
    for kind, job in found.items():
        try:
            jobs.wait_running(settings, job)
        except UserError as error:
            if kind not in restored:
                raise
            _cancel(settings, kinds)
            raise NotRestored(f"{error}: it can't go on from {restored[kind]}") from None
        checkpoints.remember(home, kind, job, restored.get(kind))
        if live and kind == SCORE:
            note(settings, live, job, say, "fused", 1)
        place = f"from checkpoint {restored[kind].rpartition('/')[2]}" if kind in restored else ""
        say(f"{_name(kind)} runs {place}".rstrip() + f": {settings.flink.url}/#/job/running/{job}")
    return found


def _tell_erased(settings: Settings, kinds: Sequence[str], say: Callable[[str], None]) -> None:
    """Tell stores which users were erased: one that was made anew doesn't know."""
    for name in registry.delivery_names():
        if name in kinds:
            try:
                copy_list(settings, name)
            except (UserError, Unavailable) as error:
                say(f"{name} wasn't told who was erased: {error}")


def settle_promotion(settings: Settings, say: Callable[[str], None]) -> None:
    """Call off a takeover that nobody has promised, before another live job starts.

    Raises `UserError` for one that was: two jobs have to run then.
    """
    try:
        plan = promotion.under_way(settings)
        if plan is None:
            return
        begun = agreed_by(settings, plan.run_id)
        if begun is None:
            return
        if begun.at is None and takeover.call_off(settings, plan):
            say(f"the {plan.how} to {plan.ruleset}:{plan.version} is called off")
            return
        command = "risk rollback" if plan.how == "rollback" else f"risk promote {plan.ruleset}"
        raise UserError(
            f"a {plan.how} to {plan.ruleset}:{plan.version} was agreed on between two jobs: "
            f"`{command}` starts both, and ends it"
        )
    except Unavailable:
        return  # without Postgres nothing is under way


def _check_history(settings: Settings, home: Home, live: Live) -> None:
    """Refuse to go on from a checkpoint without the history of features that were not there."""
    rulesets = [one.ruleset for one in (live.chosen, live.shadow) if one]
    try:
        new = history.lacking(settings, home, rulesets)
    except Unavailable:
        return  # then it goes on as it was: no run is known that it differs from
    if new:
        raise UserError(
            f"{live.label} declare features that the checkpoint has no history of: "
            f"{history.told(new)}: `risk submit all --anew` reads everything again instead"
        )


def _cancel(settings: Settings, kinds: Sequence[str]) -> None:
    """Cancel what was started of these kinds, of which none ran before."""
    for kind, job in live_jobs(settings).items():
        if kind in kinds:
            jobs.cancel(settings, job.id)


def _name(kind: str) -> str:
    return "scoring" if kind == SCORE else f"delivery to {registry.delivery(kind).title}"
