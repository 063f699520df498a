"""Feedback that is held, against the log of it."""

from __future__ import annotations

import pytest
from hypothesis import given

from risk.engine.feedback import Feedback, Logged, said_once
from risk.verify.feedback_comparison import problems
from tests.unit.engine.test_feedback import histories, logged, said

ONE, OTHER = logged(said(), 1), logged(said("legitimate"), 2)
NAME = "feedback: fraud by analyst of event e1 of user u1 at 1700000000000"


@given(histories)
def test_what_the_log_holds_agrees(history: list[Feedback]) -> None:
    log = [logged(one, offset) for offset, one in enumerate(history)]
    assert problems("feedback", said_once(log), [*log, *log], whole=True) == []
    assert problems("feedback", said_once(log), log[1:], whole=False) == []


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([OTHER], [f"{NAME} is missing"]),
        ([ONE, ONE, OTHER], [f"{NAME} twice"]),
        ([ONE._replace(offset=9), OTHER], [f"{NAME}: it stands at 0:1, not at 0:9"]),
        (
            [ONE, OTHER, logged(said(source="import"), 7)],
            [f"{NAME.replace('analyst', 'import')} must not be there"],
        ),
    ],
)
def test_a_mismatch_is_told(rows: list[Logged], words: list[str]) -> None:
    assert problems("feedback", rows, [ONE, OTHER], whole=True) == words


def test_what_the_log_has_no_longer_is_not_judged() -> None:
    assert problems("feedback", [ONE, OTHER], [OTHER], whole=False) == []
    assert problems("feedback", [ONE], [OTHER], whole=False) == [
        f"{NAME.replace('fraud', 'legitimate')} is missing"
    ]
