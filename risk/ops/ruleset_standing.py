"""Which ruleset decides, what runs beside it, and how another one is let in: as Postgres has it.

Nothing is done here. What changes a job is a command, and these are the commands.
"""

from __future__ import annotations

from typing import NamedTuple

from risk.config.settings import Settings
from risk.ops.rulesets import tag
from risk.registry import activations, promotion, runs
from risk.registry.activations import Activation
from risk.registry.promotion import Promotion
from risk.registry.runs import Run


class Command(NamedTuple):
    """What is typed, and what it does as things stand."""

    text: str
    about: str


class Standing(NamedTuple):
    """The active ruleset, the live runs that haven't ended, and a promotion under way, if any."""

    active: tuple[str, int] | None
    before: tuple[str, int] | None
    live: tuple[Run, ...]
    promotion: Promotion | None
    history: tuple[Activation, ...]

    def is_active(self, name: str) -> bool:
        """Whether a ruleset of that name decides."""
        return self.active is not None and self.active[0] == name

    def fingerprints(self, name: str) -> list[str]:
        """What runs live of a ruleset, by its fingerprints."""
        found = [run.fingerprint for run in self.live if run.ruleset == name]
        return list(dict.fromkeys(found))

    def shadowed(self, name: str) -> list[Run]:
        """The live runs that score that ruleset in their shadow."""
        return [run for run in self.live if run.shadow.partition(":")[0] == name]


def standing(settings: Settings) -> Standing:
    """As it is noted now. Raises `Unavailable`."""
    return Standing(
        activations.active(settings),
        activations.before(settings),
        tuple(run for run in runs.running(settings) if run.kind == "live"),
        promotion.under_way(settings),
        tuple(activations.history(settings, 20)),
    )


def commands(now: Standing, name: str, version: int | None) -> list[Command]:
    """How a ruleset of rules/ comes to decide, beside others or alone."""
    wanted = tag(name, version) if version is not None else name
    shadows = [run.run_id for run in now.shadowed(name)]
    beside = f"{shadows[0]} does so now" if shadows else "none does so now"
    found = [
        Command(
            f"risk submit all --shadow {name}",
            f"scores it beside the one that decides, without alerts: {beside}",
        ),
        Command(f"risk replay --ruleset {name}", "scores the past once more under it"),
    ]
    if now.active and now.active != (name, version):
        active = tag(*now.active)
        found.append(Command(f"risk diff {active} {wanted}", "compares what both have decided"))
    if now.promotion is not None:
        going = now.promotion
        found.append(
            Command(
                "risk rollback" if going.how == "rollback" else f"risk promote {going.ruleset}",
                f"ends the {going.how} to {tag(going.ruleset, going.version)} that is under way",
            )
        )
        return found
    if now.active == (name, version):
        told = "it decides already"
    else:
        told = f"takes over from {tag(*now.active)}" if now.active else "nothing decides now"
    found.append(Command(f"risk promote {name}", told))
    back = f"goes back to {tag(*now.before)}" if now.before else "there is nothing to go back to"
    found.append(Command("risk rollback", back))
    return found
