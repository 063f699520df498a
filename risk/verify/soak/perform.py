"""A whole run: a stack, traffic, samples while it goes on, and what there is in the end."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

import msgspec
from msgspec.structs import replace

from risk.config.settings import Settings
from risk.errors import UserError
from risk.ops.settings import home as home_of
from risk.stack.machine import machine
from risk.verify.chaos import accounts, stage
from risk.verify.chaos.journal import read
from risk.verify.chaos.run import TROUBLE
from risk.verify.chaos.testbed import Say, Testbed
from risk.verify.soak import load as loads
from risk.verify.soak.account import account
from risk.verify.soak.load import Kind, Load
from risk.verify.soak.report import Report, write
from risk.verify.soak.sampler import Sample, Sampler
from risk.verify.soak.saturation import sustained
from risk.verify.soak.series import LEAST_S
from risk.verify.soak.traffic import Flow
from risk.waiting import until

REDIS_KIB: Final = 2  # of memory a payment, so that Redis forgets none of them
POLL_S: Final = 0.5
Seen = Callable[[Sample, float], object]


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for. Without a `rate` an overload's is measured first.

    `minutes` and `payments` are how long it goes on, whichever the kind of traffic takes.
    """

    kind: Kind
    minutes: float
    payments: int
    rate: float | None
    seed: int
    here: bool
    wait_s: float
    report: Path


def perform(settings: Settings, order: Order, say: Say, seen: Seen) -> Report:
    """Run it. `seen` is told each sample, and when the traffic ends, in s after the first.

    Raises `UserError` and `StackError`.
    """
    with _stage(settings, order, say) as testbed:
        rate, measured = order.rate, None
        if order.kind == "overload" and rate is None:
            say("a short stretch of more than the engine can take, to know what that is")
            measured = sustained(testbed, order.seed, order.wait_s)
            rate = loads.TIMES * measured
            say(f"it sustains {measured:,.0f} events/s: {rate:,.0f} events/s are sent now")
        load = _load(order, rate)
        report = Report(
            load=load, flat=order.kind == "steady", machine=machine(), sustained=measured
        )
        try:
            _run(testbed, order, load, report, seen)
        finally:
            write(report, order.report)
    return report


def _load(order: Order, rate: float | None) -> Load:
    if order.kind == "one-user":
        return Load("one-user", order.seed, rate or loads.FAST_RATE, order.payments, paced=False)
    rate = rate or (loads.NEW_KEYS_RATE if order.kind == "new-keys" else loads.STEADY_RATE)
    paced_s = order.minutes * 60
    judged = order.kind == "steady" and paced_s >= LEAST_S  # for whether anything grows
    past_s = loads.HISTORY_S if judged else 0.0
    payments = max(1, round(rate * (past_s + paced_s)))
    return Load(order.kind, order.seed, rate, payments, history_s=past_s)


def _run(testbed: Testbed, order: Order, load: Load, report: Report, seen: Seen) -> None:
    """Send all of it, and let it come to rest."""
    found: list[str] = []
    flow = Flow(testbed.settings, testbed.traffic.folder, load, 1)
    sampler = Sampler(testbed, lambda sample: seen(sample, load.paced_s))
    sampler.start()
    begin_s = sampler.now_s
    flow.start()
    try:
        _wait_for(flow, load, order.wait_s)
        report.sent_s = round(sampler.now_s, 1)
        testbed.say("no more payments: the jobs catch up")
        behind = accounts.lags(testbed.settings, order.wait_s)
        drained_s = None if any(behind.values()) else round(sampler.now_s - report.sent_s, 1)
        sampler.stop()
        testbed.say("all of it is compared")
        own = sum(1 for path in flow.journals for _ in read(path))
        rate = round(own / max(report.sent_s - begin_s, 0.001), 1)
        paths = testbed.traffic.folder.glob("load-*/acknowledged-0")
        noted = [one for path in paths for one in read(path)]
        report.accounts, wrong = account(testbed, load, noted, behind, rate, drained_s)
        found += wrong
    except TROUBLE as error:
        found.append(str(error).partition("\n")[0] or type(error).__name__)
    finally:
        flow.kill()
        sampler.stop()
        report.samples = sampler.samples
        report.conclude(testbed.settings, found)


def _wait_for(flow: Flow, load: Load, wait_s: float) -> None:
    """Until all is sent. Raises `UserError` if that takes much longer than it should."""
    patience_s = load.seconds + wait_s
    if not until(flow.ended, patience_s, POLL_S):
        raise UserError(f"the payments were not sent within {patience_s:,.0f} s")


def _stage(settings: Settings, order: Order, say: Say) -> AbstractContextManager[Testbed]:
    rate = order.rate or loads.STEADY_RATE
    if order.here:
        return stage.here(settings, home_of(settings), order.seed, rate, say)
    own = stage.own_settings(settings, stage.SOAK)
    expected = _load(order, order.rate or loads.FAST_RATE if order.kind == "overload" else None)
    memory_mb = max(own.redis.memory_mb, expected.payments * REDIS_KIB // 1_024)
    own = replace(own, redis=replace(own.redis, memory_mb=memory_mb))
    return stage.own(own, home_of(own), order.seed, rate, say, proxied=False)
