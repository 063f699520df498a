"""Servers that are away for a while: stopped, or hanging; or back, and empty."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from typing import Final

from risk.errors import UserError
from risk.ops.rebuild import rebuild
from risk.stack import kafka_nodes, process, signals
from risk.verify.chaos.plan import Action
from risk.verify.chaos.testbed import Span, Testbed
from sinks import registry

HELD: Final[Mapping[str, tuple[str, ...]]] = {"postgres": ("postgres", "feedback")}


def stop_broker(testbed: Testbed, action: Action) -> Span:
    """It is asked to end, and does."""
    return testbed.for_a_while(
        lambda: process.stop(testbed.home, action.target),
        lambda: testbed.up(kafka_nodes.NAME),
        action.seconds,
    )


def stop_store(testbed: Testbed, action: Action) -> Span:
    """It is asked to end, and does."""
    return testbed.for_a_while(
        lambda: testbed.down(action.target), lambda: testbed.up(action.target), action.seconds
    )


def freeze(testbed: Testbed, action: Action) -> Span:
    """It keeps its connections, and answers nothing."""
    begin = time.monotonic()
    with signals.frozen(testbed.home, action.target):
        testbed.hold(action.seconds)
    return Span(begin, time.monotonic())


def empty_store(testbed: Testbed, action: Action) -> Span:
    """It comes back without anything that it had, under jobs that go on; then it is rebuilt."""
    begin = time.monotonic()
    testbed.down(action.target)
    shutil.rmtree(testbed.home.path / action.target)
    testbed.up(action.target)
    testbed.hold(action.seconds)
    registry.migrate(testbed.settings)
    for one in registry.deliveries():
        if one.name in HELD.get(action.target, (action.target,)):
            done = rebuild(testbed.settings, one.name, keep=False, report=lambda _: None)
            if done.refused:
                raise UserError(f"rebuild {one.name}: {done.refused} refused: {done.reasons[0]}")
    return Span(begin, time.monotonic())


def rolling_restart(testbed: Testbed, action: Action) -> Span:
    """Each server once, one after the other, as an upgrade would; the jobs go on at its end."""
    begin = time.monotonic()
    for name in (kafka_nodes.NAME, *registry.names(), "flink"):
        testbed.down(name)
        testbed.up(name)
    testbed.submit()
    return Span(begin, time.monotonic())
