"""Jinja, so set that no text becomes markup, and a name that isn't there is an error."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from risk.console import formatting
from risk.console.masking import HIDDEN

TEMPLATES: Final = Path(__file__).with_name("templates")


def environment(url: Callable[[str], str]) -> Environment:
    """The templates of the console; `asset` is where a file of `static/` is."""
    found = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    found.globals |= {"asset": url, "HIDDEN": HIDDEN}
    found.filters |= {
        "clock": formatting.clock,
        "count": formatting.count,
        "date": formatting.date,
        "iso": formatting.iso,
        "lasting": formatting.lasting,
        "money": formatting.money,
        "percent": formatting.percent,
        "rate": formatting.rate,
        "words": formatting.words,
    }
    return found
