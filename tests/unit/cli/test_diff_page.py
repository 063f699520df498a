"""`risk diff`'s page: it needs nothing else, and what it is told is text."""

from __future__ import annotations

import re

import msgspec

from risk.verify.diff.page import page
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


def test_nothing_is_fetched_and_nothing_runs() -> None:
    for report in (EMPTY, FULL):
        text = page(report)
        assert not re.search(r"https?:|//[a-z]|@import|url\(|<script|<link|<img", text)


def test_what_it_is_told_is_escaped() -> None:
    text = page(FULL)
    assert "&lt;script&gt;" in text
    assert "&lt;b&gt;" in text
    assert "bank &amp; co" in text


def test_tags_are_closed() -> None:
    text = page(FULL)
    for tag in ("section", "svg", "table", "div", "g", "text", "tr", "td", "main"):
        assert len(re.findall(rf"<{tag}[ >]", text)) == text.count(f"</{tag}>"), tag
