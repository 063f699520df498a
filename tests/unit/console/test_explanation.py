"""What is known around a payment's score, as the page of a case shows it."""

from __future__ import annotations

from functools import partial

from risk.console.assets import Assets
from risk.console.rendering import environment
from risk.engine.messages import Contribution, ModelScore
from risk.verify.explained.words import meaning, value_in_words
from sinks.found import Scored

NOON = 1_740_830_400_000  # 2025-03-01T12:00:00Z


def page(since: dict[str, int]) -> str:
    score = Scored(
        *("default", 1, "live", False, 0, 50, "REVIEW", "u1", NOON, NOON, "live-1", "f" * 64),
        reasons=[],
        features={"user_history_count": 3},
        since=since,
    )
    model = ModelScore(700, (Contribution("user_history_count", 3, 40),))
    return environment(Assets().url).get_template("cases/explanation.html").render(
        scores=[score], score=score, again=score, agrees=True, changes=[], widest=40,
        models={"card": model}, meanings={"user_history_count": "payments"}, told=value_in_words,
        about=partial(meaning, declared={}),
    )  # fmt: skip


def test_a_feature_that_lacks_history_is_marked() -> None:
    shown = page({"user_history_count": NOON - 86_400_000})
    assert "Windows that are not full" in shown
    assert "earlier payments in this currency, 30 days" in shown
    assert shown.count("2025-02-28 12:00:00") == 2
    assert "partial" in shown


def test_where_nothing_is_lacking_nothing_is_said() -> None:
    shown = page({})
    assert "partial" not in shown
    assert "Windows" not in shown
