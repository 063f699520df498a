"""When a test has its turn, and on which of two stacks. Hooks for conftest.py.

Tests mostly wait for checkpoints and recoveries, so two halves of them run side by side, each with
a stack of its own: what asks for the pipeline in one, all the rest in the other.
"""

from __future__ import annotations

import os
import re
from functools import cache

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from risk.paths import ROOT
from risk.stack.up import ALL

OF_TODAY = ("test_chaos.py", "test_soak.py")
ASKED = re.compile(r"\b(pipeline: Pipeline|flink: Settings)\b")  # as a test's argument
APART = ("test_demo.py", "test_secure_", "test_closed.py", "test_stack.py")  # on their own servers


class Halves(LoadScopeScheduling):  # type: ignore[misc]
    """Each half of the tests is one process's, in its order."""

    def _split_scope(self, nodeid: str) -> str:
        return _half(nodeid.partition("::")[0])


@cache
def _half(path: str) -> str:
    """Only processes that run tests know fixtures: who deals them out looks into the module."""
    text = (ROOT / path).read_text(encoding="utf-8")
    return "pipeline" if ASKED.search(text) else "the rest"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Halves | None:
    """With `--dist loadscope` the halves are the scopes."""
    return Halves(config, log) if config.getoption("dist") == "loadscope" else None


def stack_number() -> int:
    """Which of the test stacks this process has: 0 where tests run in one process."""
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the tests, and mark those that ask for a server, so that `-m "not stack"` omits them.

    Those on servers of their own come first, while no others of their half take part of the
    machine, and end-to-end tests last: whatever ran before, all of it is compared once more then.
    Last of all comes traffic of today: to a job that has seen it, the pipeline's own streams are
    late.
    """
    items.sort(key=_turn)
    for item in items:
        asked = set(getattr(item, "fixturenames", ()))
        if asked & {*ALL, "start"}:
            item.add_marker("stack")
        if "flink" in asked:
            item.add_marker("flink")


def _turn(item: pytest.Item) -> int:
    if item.path.name.startswith(APART):
        return 0
    return 3 if item.path.name in OF_TODAY else 1 + ("e2e" in item.path.parts)
