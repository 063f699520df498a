"""A soak as one page that needs nothing else: no script, no font, no host."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from risk.cli.diff_page.page import environment
from risk.cli.soak_page.plots import plot
from risk.verify.soak.report import OF_JOBS, OF_PROCESSES, Report, series
from risk.verify.soak.series import RULES

TEMPLATES = Path(__file__).with_name("templates")
TITLES: Final = {
    "memory": "Memory by process",
    "handles": "Open handles by process",
    "threads": "Threads by process",
    "lag": "Lag by job",
    "state": "State in the last checkpoint",
    "checkpoint": "Duration of the last checkpoint",
    "restarts": "Restarts by job",
}


def page(report: Report) -> str:
    """The HTML. Everything that the report says is text: markup in it is escaped."""
    figures = [
        (TITLES[one], RULES[one].unit, plot(series(report.samples, one), report.sent_s))
        for one in (*OF_PROCESSES, *OF_JOBS)
    ]
    return (
        environment(TEMPLATES)
        .get_template("soak.html")
        .render(report=report, figures=figures, accounts=report.accounts)
    )
