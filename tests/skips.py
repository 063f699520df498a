"""A skipped test is told of at the end, and fails where all are to run. Hooks for conftest.py."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path
from typing import TypeVar

import pytest

from tests.needs import COMPLETE, NOTED, refused

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    return _judged(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    return _judged(report)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Note why tests were skipped, for who sums up several runs."""
    path = os.environ.get(NOTED)
    if path and not hasattr(terminalreporter.config, "workerinput"):  # one of xdist's processes
        # By id, as each process of xdist tells of a module that it did not collect.
        reasons = {one.nodeid: _reason(one) for one in terminalreporter.stats.get("skipped", ())}
        with Path(path).open("a", encoding="utf-8") as noted:
            noted.writelines(f"{reason}\n" for reason in reasons.values())


def _judged(report: Report) -> Report:
    expected = hasattr(report, "wasxfail")
    if report.skipped and not expected and refused(reason := _reason(report)):
        report.outcome = "failed"
        report.longrepr = f"skipped, but {COMPLETE} is set: {reason}"
    return report


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Why it was skipped, in one line."""
    told = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return " ".join(told.removeprefix("Skipped: ").split())
