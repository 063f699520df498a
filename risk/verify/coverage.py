"""Which part of the stream a ruleset's version, or a replay, has to have scored."""

from __future__ import annotations

from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from risk.engine.rules import Ruleset
from risk.errors import UserError
from risk.ops.rulesets import choose, tag
from risk.registry import activations, runs
from risk.registry.runs import Run
from risk.stack.process import Home
from risk.verify.verification import Scope


def of_ruleset(settings: Settings, home: Home, name: str | None) -> tuple[Ruleset, Scope]:
    """The ruleset, or the active one; what replays have scored under it. Raises `UserError`."""
    try:
        active = None if name else activations.active(settings)
    except Unavailable:
        active = None
    chosen = choose(settings, home, name or (tag(*active) if active else settings.scoring.ruleset))
    try:
        found = runs.of_ruleset(settings, *chosen.key)
    except Unavailable:
        found = []
    replays = [run for run in found if run.kind == "replay" and run.state == "finished"]
    return chosen.ruleset, Scope([_range(run) for run in replays])


def of_run(settings: Settings, home: Home, run_id: str) -> tuple[Ruleset, Scope]:
    """The ruleset of a replay, and its part of the stream. Raises `UserError`."""
    try:
        run = runs.get(settings, run_id)
    except Unavailable as error:
        raise UserError(f"--run: {error}") from None
    if run is None or run.kind != "replay" or not run.read_to:
        raise UserError(f"--run {run_id}: no replay with an end is called so: see `risk runs`")
    chosen = choose(settings, home, tag(run.ruleset, run.ruleset_version), "--run")
    read_to = {int(partition): offset for partition, offset in run.read_to.items()}
    return chosen.ruleset, Scope([_range(run)], read_to, run_id)


def _range(run: Run) -> dict[int, tuple[int, int]]:
    return {
        int(partition): (first, run.offsets_to.get(partition, first))
        for partition, first in run.offsets_from.items()
    }
