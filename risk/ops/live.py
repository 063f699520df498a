"""What a live scoring job is submitted with, and what is noted of it once it runs."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import NamedTuple

from risk.audit.moments import shown
from risk.config import names
from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from risk.errors import UserError
from risk.kafka.ranges import resolve
from risk.ops import metadata, past
from risk.ops.live_rulesets import live_rulesets
from risk.ops.rulesets import Chosen, archive, choose, tag
from risk.registry import activations, runs
from risk.registry.deployments import carried
from risk.stack.process import Home

Say = Callable[[str], None]


class LiveRequest(NamedTuple):
    """What the user asks of a live run; what is None is as it is by itself.

    One that `goes_on` from the state of another knows as much of the past as that: `history_since`.
    """

    ruleset: str | None = None
    shadow: str | None = None
    run_id: str | None = None
    group: str | None = None
    start: str | None = None
    goes_on: bool = False
    history_since: int | None = None


class Live(NamedTuple):
    """A live run about to be submitted. `arguments` are for the job's script.

    It commits under `group`, which was `named` unless it is the job's own. `history_since` is the
    event time from which on it knows all payments, as `Run` has it.
    """

    run_id: str
    chosen: Chosen
    shadow: Chosen | None
    arguments: list[str]
    offsets_from: dict[str, int]
    group: str
    named: str
    history_since: int | None = None

    @property
    def label(self) -> str:
        """The rulesets that it emits decisions under, by the job's label."""
        return " ".join(one.tag for one in (self.chosen, self.shadow) if one)


def prepare(settings: Settings, home: Home, say: Say, request: LiveRequest) -> Live:
    """A live run under the active ruleset, or the one named.

    Raises `UserError` if another is the active one. Without Postgres it is submitted all the same,
    and nothing is noted.
    """
    ruleset, shadow = request.ruleset, request.shadow
    try:
        active = activations.active(settings)
        name = ruleset or (tag(*active) if active else settings.scoring.ruleset)
        chosen = choose(settings, home, name)
        if active and chosen.key != active:
            raise UserError(
                f"--ruleset: {chosen.tag} is not the active ruleset, {tag(*active)} is: "
                f"`risk promote {name}` changes to it"
            )
        beside = choose(settings, home, shadow, "--shadow") if shadow else None
        for one in (chosen, beside):
            if one:
                archive(settings, one)
        return submission(settings, home, chosen, beside, request, say)
    except Unavailable as error:
        say(f"{error}: the run is not noted, and no ruleset made the active one")
    chosen = choose(settings, home, ruleset or settings.scoring.ruleset)
    beside = choose(settings, home, shadow, "--shadow") if shadow else None
    return _live(settings, chosen, beside, [], request, say)


def submission(
    settings: Settings,
    home: Home,
    chosen: Chosen,
    shadow: Chosen | None,
    request: LiveRequest,
    say: Say,
) -> Live:
    """A live run under rulesets that are archived. Raises `Unavailable`."""
    earlier = _earlier(settings, home, chosen, shadow)
    return _live(settings, chosen, shadow, earlier, request, say)


def note(
    settings: Settings, live: Live, job: str, say: Say, placement: str, parallelism: int
) -> None:
    """Note that a live run has begun; its ruleset is the active one if none was."""
    run = metadata.run_of(
        live.chosen,
        live.run_id,
        "live",
        job,
        placement=placement,
        parallelism=parallelism,
        consumer_group=live.named,
        shadow=live.shadow.tag if live.shadow else "",
        offsets_from=live.offsets_from,
        history_since=live.history_since,
    )
    try:
        metadata.refresh(settings)
        runs.start(settings, run)
        if activations.active(settings) is None:
            own = carried(live.chosen.ruleset, live.run_id, live.offsets_from)
            activations.activate(settings, *live.chosen.key, carried=own)
            say(f"{live.chosen.tag} is the active ruleset")
    except Unavailable as error:
        say(f"{error}: the run is not noted")


def _live(
    settings: Settings,
    chosen: Chosen,
    shadow: Chosen | None,
    earlier: list[str],
    request: LiveRequest,
    say: Say,
) -> Live:
    run_id, group = request.run_id or names.live_run(uuid.uuid4().hex[:8]), request.group
    arguments = ["--ruleset", str(chosen.folder), "--run-id", run_id, *earlier]
    arguments += ["--shadow", str(shadow.folder)] if shadow else []
    topic, own = settings.topics.transactions, group or names.scoring_group(chosen.ruleset.name)
    span = resolve(settings.kafka, topic, own, request.start or "group", None)
    for line in span.warnings:
        say(line)
    since = request.history_since
    if not request.goes_on:
        since = past.read_since(settings, span, request.start or "group")
        if since is not None:
            told = f"{run_id} knows no payment from before {shown(since)} UTC"
            say(f"{told}: its scores say which features look further back (since)")
    arguments += [] if since is None else ["--history-since", str(since)]
    offsets = metadata.named(span.start)
    return Live(run_id, chosen, shadow, arguments, offsets, own, group or "", since)


def _earlier(settings: Settings, home: Home, chosen: Chosen, shadow: Chosen | None) -> list[str]:
    """Arguments for the rulesets of earlier live runs, whose last emissions are still corrected."""
    own = tuple(one.tag for one in (chosen, shadow) if one)
    arguments: list[str] = []
    for pair in (pair for pair in live_rulesets(settings) if pair != own):
        folders = [str(choose(settings, home, name).folder) for name in pair]
        arguments += ["--earlier", ",".join(folders)]
    return arguments
