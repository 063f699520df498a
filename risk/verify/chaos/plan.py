"""Which faults there will be, all of them drawn before the first: the same seed, the same plan."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

import msgspec

from risk.verify.chaos.kinds import Kind

LEAST_PAUSE_S, MOST_PAUSE_S = 2.0, 8.0


class Targets(msgspec.Struct, frozen=True):
    """What can be hit: kinds of live jobs, names of brokers and of stores."""

    jobs: tuple[str, ...]
    brokers: tuple[str, ...]
    stores: tuple[str, ...]

    def of(self, kind: Kind) -> tuple[str, ...]:
        """Those of a kind of fault; one without a name where there is but one."""
        stores = tuple(one for one in self.stores if not kind.stores or one in kind.stores)
        found = {"job": self.jobs, "broker": self.brokers, "store": stores, "step": kind.steps}
        return found.get(kind.of, ("",))


class Action(msgspec.Struct, frozen=True):
    """A fault: after `pause_s` of calm, to this target, for so long."""

    kind: str
    target: str
    seconds: float
    pause_s: float

    @property
    def name(self) -> str:
        """What is done, in words."""
        target = f" {self.target}" if self.target else ""
        return f"{self.kind}{target}" + (f" {self.seconds:g} s" if self.seconds else "")


def make(
    seed: int, faults: int, kinds: Sequence[Kind], targets: Targets, only: str = ""
) -> list[Action]:
    """So many actions. Each fault and target comes once before one comes again.

    `only` is a pattern of what to draw from, looked for in "kind target". Raises `ValueError` if
    nothing is left.
    """
    pattern = re.compile(only)
    every = [
        (kind, target)
        for kind in kinds
        for target in targets.of(kind)
        if pattern.search(f"{kind.name} {target}".strip())
    ]
    if not every:
        raise ValueError(f"no fault is like {only!r}")
    draw = random.Random(f"chaos {seed}")
    actions: list[Action] = []
    while len(actions) < faults:
        for kind, target in _spread(draw, every)[: faults - len(actions)]:
            seconds = round(draw.uniform(kind.least_s, kind.most_s), 1)
            pause_s = round(draw.uniform(LEAST_PAUSE_S, MOST_PAUSE_S), 1)
            actions.append(Action(kind.name, target, seconds, pause_s))
    return actions


def _spread(draw: random.Random, every: Sequence[tuple[Kind, str]]) -> list[tuple[Kind, str]]:
    """In an order by chance in which each kind comes once before one comes again."""
    by_kind: dict[Kind, list[str]] = {}
    for kind, target in every:
        by_kind.setdefault(kind, []).append(target)
    for names in by_kind.values():
        draw.shuffle(names)
    found: list[tuple[Kind, str]] = []
    while by_kind:
        kinds = list(by_kind)
        draw.shuffle(kinds)
        found += [(kind, by_kind[kind].pop()) for kind in kinds]
        by_kind = {kind: names for kind, names in by_kind.items() if names}
    return found
