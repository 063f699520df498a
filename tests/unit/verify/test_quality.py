"""Recall at false-positive budgets: ties whole, budgets never exceeded."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from generator.config import StreamConfig
from generator.habits import HABITS
from risk.config.settings import Scoring
from risk.ops.ruleset_folder import read_folder
from risk.paths import RULES
from risk.verify.quality.budgets import BUDGETS, Cut, Ranking, Recall, cut
from risk.verify.quality.synthetic import Judged, judge

NAIVE = Path(__file__).parents[2] / "rulesets" / "naive"
scores = st.dictionaries(st.integers(0, 100), st.integers(1, 500)).map(Counter)


def test_payments_of_one_score_are_flagged_together_or_not_at_all() -> None:
    honest = Counter({0: 989, 60: 10, 80: 1})
    assert cut(honest, 0.001) == Cut(0.001, 61, 1)
    assert cut(honest, 0.01) == Cut(0.01, 61, 1)  # with those of 60 it would be 1.1 %
    assert cut(honest, 0.011) == Cut(0.011, 1, 11)


def test_where_even_the_highest_score_costs_too_much_nothing_is_flagged() -> None:
    ranking = Ranking()
    for score in [0] * 90 + [100] * 10:
        ranking.add(None, score, score > 50)
    ranking.add("card_testing", 100, True)
    found = ranking.quality(())
    assert found.cuts == [Cut(budget, None, 0) for budget in BUDGETS]
    assert found.attacks == {"card_testing": Recall(1, 1, [0.0, 0.0, 0.0])}


def test_easy_attacks_are_told_apart_from_hard_ones() -> None:
    ranking = Ranking()
    for attack, score in (("a", 70), ("a", 0), ("b", 70), ("c", 0), (None, 0)):
        ranking.add(attack, score, score >= 50)
    found = ranking.quality({"c", "never seen"})
    assert found.easy == Recall(3, 2, [2 / 3] * 3)
    assert found.hard == Recall(1, 0, [0.0] * 3)
    assert (found.honest, found.honest_flagged) == (1, 0)


@given(scores, st.floats(0, 1))
def test_a_cut_keeps_within_its_budget_and_could_not_be_lower(
    honest: Counter[int], budget: float
) -> None:
    found = cut(honest, budget)
    lowest = 101 if found.score is None else found.score
    assert found.false_positives == sum(n for score, n in honest.items() if score >= lowest)
    assert found.false_positives <= budget * honest.total()
    if lowest > 1:
        assert found.false_positives + honest[lowest - 1] > budget * honest.total()


def judged(seed: int) -> tuple[Judged, Judged]:
    asked = StreamConfig(start_time=1_790_000_000_000, seed=seed, rate=100.0, duration_s=250.0)
    default, naive = judge([read_folder(RULES / "default"), read_folder(NAIVE)], asked, Scoring())
    return default, naive


def test_the_default_rules_leave_honest_people_alone_and_naive_ones_do_not() -> None:
    default, naive = judged(7)
    quality = default.quality
    assert quality.honest > 20_000
    assert quality.honest == sum(habit.payments for habit in default.habits.values())
    assert set(default.habits) == {"none", *HABITS}
    assert quality.honest_flagged / quality.honest <= 0.005
    assert 0.015 <= naive.quality.honest_flagged / quality.honest <= 0.05
    assert quality.easy.flagged / quality.easy.payments > 0.9
    assert quality.hard.flagged / quality.hard.payments < 0.5
