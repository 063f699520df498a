"""A whole run: the plan, the stage, the faults, the report."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import msgspec

from risk.config.settings import Settings
from risk.errors import UserError
from risk.ops.settings import home as home_of
from risk.stack.machine import machine
from risk.verify.chaos import kinds, stage
from risk.verify.chaos.journal import Journal
from risk.verify.chaos.plan import Action, make
from risk.verify.chaos.pulse import Pulse
from risk.verify.chaos.report import Report, Row, write
from risk.verify.chaos.run import Chaos
from risk.verify.chaos.testbed import Say, Testbed

Show = Callable[[Row], object]


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for. `rate` in events/s; `here`: on the servers and jobs that run."""

    faults: int
    seed: int
    rate: float
    only: str = ""
    here: bool = False
    prompt_s: float = 1.0
    wait_s: float = 300.0
    report: Path


def planned(settings: Settings, order: Order) -> list[Action]:
    """The plan. Raises `UserError` for a pattern of nothing."""
    own = settings if order.here else stage.own_settings(settings)
    can = kinds.possible(stage.NEEDS[order.here])
    try:
        re.compile(order.only)
    except (re.error, OverflowError, RecursionError) as error:
        raise UserError(f"--only {order.only[:80]}: not a pattern: {error}") from None
    try:
        there = stage.targets(own, home_of(own))
        return make(order.seed, order.faults, can, there, order.only)
    except ValueError:
        names = ", ".join(kind.name for kind in can)
        raise UserError(
            f"--only {order.only[:80]}: no fault is like that: there are {names}"
        ) from None


def perform(settings: Settings, order: Order, say: Say, show: Show) -> Report:
    """Run it; each row is shown when it is over. Raises `UserError` and `StackError`."""
    actions = planned(settings, order)
    with _stage(settings, order, say) as testbed:
        report = Report(
            seed=order.seed,
            rate=order.rate,
            prompt_s=order.prompt_s,
            ruleset=settings.scoring.ruleset,
            machine=machine(),
            plan=actions,
        )
        noted = stage.journal(testbed)
        journal = Journal(noted)
        mark = f"{order.seed}-{noted.parent.name}"
        pulse = Pulse(testbed.settings, mark, journal.write)
        chaos = Chaos(testbed, pulse, report, order.prompt_s, order.wait_s)
        try:
            chaos.run(actions, noted, show)
        finally:
            journal.close()
            write(report, order.report)
    return report


def _stage(settings: Settings, order: Order, say: Say) -> AbstractContextManager[Testbed]:
    if order.here:
        return stage.here(settings, home_of(settings), order.seed, order.rate, say)
    own = stage.own_settings(settings)
    return stage.own(own, home_of(own), order.seed, order.rate, say)
