"""A comparison as one page that needs nothing else: no script, no font, no host."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from risk.cli.diff_page import cards
from risk.cli.diff_page.examples import examples
from risk.cli.diff_page.tiles import tiles
from risk.verify.diff.causes import ORDER
from risk.verify.diff.report import Report

TEMPLATES = Path(__file__).with_name("templates")


def page(report: Report) -> str:
    """The HTML. Everything that the report says is text: markup in it is escaped."""
    labels = report.labels
    return (
        environment()
        .get_template("page.html")
        .render(
            report=report,
            order=ORDER,
            tiles=tiles(report),
            moves=cards.moves(report),
            causes=cards.causes(report),
            scores=cards.scores(report),
            shifts=cards.shifts(report),
            attacks_flagged=cards.attacks_flagged(labels) if labels else None,
            attacks_blocked=cards.attacks_blocked(labels) if labels else None,
            rules=cards.rules(report),
            groups=cards.groups(report),
            examples=list(examples(report)),
        )
    )


def environment(*folders: Path) -> Environment:
    """Jinja, so set that no text becomes markup and a name that isn't there is an error.

    Templates are those of `folders`, and of this page.
    """
    found = Environment(
        loader=FileSystemLoader([*folders, TEMPLATES]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    found.filters |= {"number": "{:,}".format, "time": _time}
    return found


def _time(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1_000, UTC).strftime("%Y-%m-%d %H:%M")
