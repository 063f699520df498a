"""Waiting for a condition."""

from __future__ import annotations

from risk.waiting import until


def test_it_ends_with_the_first_true_answer() -> None:
    answers = iter(["", "", "there", "never asked"])
    assert until(lambda: next(answers), 5, 0) == "there"


def test_it_asks_at_least_once_and_gives_the_last_answer_when_time_is_up() -> None:
    asked: list[None] = []
    assert until(lambda: asked.append(None), 0) is None
    assert len(asked) == 1
