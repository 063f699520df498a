"""`risk diff`'s page: it needs nothing else, and what it is told is text."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import msgspec
import pytest

from risk.cli.diff_page.page import page
from risk.verify.diff.report import (
    Attack,
    CauseCount,
    Example,
    Group,
    Labels,
    Move,
    Report,
    RuleCount,
    Shift,
    Step,
    Truth,
    Version,
)

A = Version("default", 1, "a" * 64, 50, 80, 120)
B = Version("strict", 2, "b" * 64, 40, 60, 100)
EMPTY = Report(
    a=A,
    b=B,
    events=100,
    first_event=None,
    last_event=None,
    flips=0,
    stricter=0,
    looser=0,
    unexplained=0,
    other_features=0,
    shifted=0,
    mean_shift=0.0,
    moves=[Move("ALLOW", "ALLOW", 100, 0)],
    steps=[Step(low, 0, 0) for low in range(0, 100, 10)],
    shifts=[],
    causes=[],
    rules=[],
    labels=None,
    groups=[],
    examples=[],
)
FULL = msgspec.structs.replace(
    EMPTY,
    first_event=0,
    last_event=1_790_000_000_000,
    flips=3,
    stricter=2,
    looser=1,
    shifts=[Shift(-20, 1, 0), Shift(0, 90, 1), Shift(40, 9, 2)],
    causes=[
        CauseCount("<script>", "condition", 2, 1, 1, 0),
        CauseCount("", "threshold", 1, 0, 0, 0),
    ],
    rules=[RuleCount("velocity_burst", 10, 16, 9, 12)],
    labels=Labels(
        100, 5, Truth(4, 1, 0, 2, 0), Truth(5, 0, 2, 4, 1), [Attack("x", 5, 4, 5, 2, 4, 1, 0)]
    ),
    groups=[Group("source", "bank & co", 100, 5, 4, 7, 0, 2, 3)],
    examples=[
        Example(
            "<b>", "u", 0, 0, 70, "ALLOW", "BLOCK", 100, "EUR", "DE", "web", True, "x", ["r +70"]
        )
    ],
)


HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onload='alert(1)",
    "</style></title></text><b>",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;&amp;",
)
# What the report says in words of its own, and by which it is shown.
OWN_WORDS = {"why", "kind", "a", "b"}


def with_texts(value: Any, text: str, name: str = "") -> Any:
    """The same with this text for every name, id and reason."""
    if isinstance(value, dict):
        return {key: with_texts(inner, text, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [with_texts(inner, text, name) for inner in value]
    return text if isinstance(value, str) and value and name not in OWN_WORDS else value


class Parsed(HTMLParser):
    """A page's tags with all attributes that don't hold text, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.texts: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        kept = [(name, "" if "badge" in (value or "") else value) for name, value in attrs]
        self.tags.append((tag, kept))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.mark.parametrize("text", HOSTILE)
def test_what_it_is_told_is_text(text: str) -> None:
    told = msgspec.convert(with_texts(msgspec.to_builtins(FULL), text), Report)
    parsed = Parsed(page(told))
    assert parsed.tags == Parsed(page(FULL)).tags
    whole = "".join(parsed.texts)
    assert f"{text}: 10 hits" in whole  # a rule
    assert f"{text}: 7 of 100 flagged" in whole  # a source
    assert f"{text}: 5 of 5 events flagged" in whole  # an attack
    assert f"{text}:2" in parsed.texts  # a ruleset
    assert parsed.texts.count(text) >= 4  # event, user, reason, truth


def test_nothing_is_fetched_and_nothing_runs() -> None:
    for report in (EMPTY, FULL):
        text = page(report)
        assert not re.search(r"https?:|//[a-z]|@import|url\(|<script|<link|<img", text)


def test_tags_are_closed() -> None:
    text = page(FULL)
    for tag in ("section", "svg", "table", "div", "g", "text", "tr", "td", "main"):
        assert len(re.findall(rf"<{tag}[ >]", text)) == text.count(f"</{tag}>"), tag
