"""One thread goes before the others, where the system lets it."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from flink_jobs.priority import favour_this_thread


def test_one_thread_and_no_other() -> None:
    before = os.getpriority(os.PRIO_PROCESS, 0)

    def nicer() -> int:
        favour_this_thread(before + 1)
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(nicer).result() == before + 1
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == before


def test_where_it_may_not_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "setpriority", refuse)
    favour_this_thread(-10)
