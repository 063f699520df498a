"""Processes that are killed, and come back: by themselves, or by `risk up`."""

from __future__ import annotations

import time

from risk.errors import UserError
from risk.stack import jobmanager, kafka_nodes, signals, taskmanagers, zookeeper
from risk.stack.process import alive
from risk.verify.chaos.plan import Action
from risk.verify.chaos.testbed import Span, Testbed


def kill_taskmanager(testbed: Testbed, action: Action) -> Span:
    """The one of a live job, which Flink misses, and the supervisor replaces."""
    name = testbed.rest.taskmanager(testbed.job(action.target).id)
    if name is None:
        raise UserError(f"no TaskManager runs {action.target}")
    return _revived(testbed, name)


def kill_jobmanager(testbed: Testbed, action: Action) -> Span:
    """Started again by the supervisor, it finds its jobs in ZooKeeper."""
    return _revived(testbed, jobmanager.NAME)


def kill_zookeeper(testbed: Testbed, action: Action) -> Span:
    """What the JobManager remembers its jobs with."""
    return _revived(testbed, zookeeper.NAME)


def kill_supervisor(testbed: Testbed, action: Action) -> Span:
    """What revives the others: until `risk up` nobody would."""
    return _away(testbed, taskmanagers.SUPERVISOR, jobmanager.NAME, action.seconds)


def kill_broker(testbed: Testbed, action: Action) -> Span:
    """What it had not written to disk yet is in the page cache, and survives it."""
    return _away(testbed, action.target, kafka_nodes.NAME, action.seconds)


def kill_store(testbed: Testbed, action: Action) -> Span:
    """It recovers from its log of writes when it is started again."""
    return _away(testbed, action.target, action.target, action.seconds)


def kill_generator(testbed: Testbed, action: Action) -> Span:
    """In the middle of a batch; its successor sends some of what was acknowledged once more."""
    return testbed.for_a_while(testbed.traffic.kill, testbed.traffic.start, action.seconds)


def _away(testbed: Testbed, process: str, server: str, seconds: float) -> Span:
    return testbed.for_a_while(
        lambda: signals.kill(testbed.home, process), lambda: testbed.up(server), seconds
    )


def _revived(testbed: Testbed, name: str) -> Span:
    """Kill it, and wait until another process has its name."""
    before = alive(testbed.home, name)
    begin = time.monotonic()
    signals.kill(testbed.home, name)
    testbed.wait(lambda: alive(testbed.home, name) not in (None, before), f"{name} comes back")
    return Span(begin, time.monotonic())
