"""Signals to all processes of an embedded server: it dies, or it hangs."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from risk.errors import StackError
from risk.stack import procfs
from risk.stack.process import Home, alive
from risk.waiting import until

GONE_S = 30.0  # a machine that is busy takes its time to free a large process's memory


def kill(home: Home, name: str) -> None:
    """End all of a server's processes at once. Raises `StackError` if it doesn't run.

    When it returns they are gone: until then they may hold their ports.
    """
    pids = session(home, name)
    send(pids, signal.SIGKILL)
    if not until(lambda: all(map(procfs.gone, pids)), GONE_S):
        raise StackError(f"{name} was killed and does not end: see `ps`")


@contextmanager
def frozen(home: Home, name: str) -> Iterator[None]:
    """All of a server's processes hang: they have their connections, and answer nothing."""
    pids = session(home, name)
    send(pids, signal.SIGSTOP)
    try:
        yield
    finally:
        send(pids, signal.SIGCONT)


def session(home: Home, name: str) -> list[int]:
    """The pids of a server, its leader first. Raises `StackError` if it doesn't run.

    Postgres's backends have sessions of their own; its leader is their parent. The supervisor is
    that of servers which it has started again: these are known by names of their own.
    """
    leader = alive(home, name)
    if leader is None:
        raise StackError(f"{name} does not run")
    own = procfs.session(leader)
    others = {alive(home, file.stem) for file in home.run.glob("*.pid")}
    return [*own, *(pid for pid in procfs.children(leader) if pid not in {*own, *others})]


def send(pids: Sequence[int], which: signal.Signals) -> None:
    """Send each a signal; one that has ended meanwhile is left out."""
    for pid in pids:
        try:
            os.kill(pid, which)
        except ProcessLookupError:
            continue
