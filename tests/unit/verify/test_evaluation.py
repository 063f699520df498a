"""Models judged on a set: on which payments, by which threshold, and who is better."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from risk.errors import UserError
from risk.ops.models.sets.training_set import TrainingSet
from risk.verify.quality import rates
from risk.verify.quality.contest import Contender, contest
from risk.verify.quality.curves import Scored, figures
from risk.verify.quality.evaluation import Asked, Group, Small, evaluate
from risk.verify.quality.intervals import Interval
from risk.verify.quality.model_scores import Loaded, scores
from risk.verify.quality.resamples import Ints
from risk.verify.quality.training import Plan, train_on, write
from risk.verify.quality.unseen import Threshold, threshold, unseen
from tests.unit.ops.models.sets import DAY
from tests.unit.verify.training_sets import loaded, payments, trainer, versions


@pytest.fixture
def found(tmp_path: Path) -> TrainingSet:
    return loaded(tmp_path)


@pytest.fixture
def model(found: TrainingSet, tmp_path: Path) -> Loaded:
    out = tmp_path / "card.json"
    write(result := train_on(found, Plan("card", "forest"), out, None, print, trainer, versions))
    return result.loaded


def noise(found: TrainingSet, seed: int = 1) -> Ints:
    return np.random.default_rng(seed).integers(0, 1_001, len(found.fraud))


def test_figures_are_those_of_the_curves_and_of_the_whole_set(
    found: TrainingSet, model: Loaded
) -> None:
    points = scores(model, found)
    judged = evaluate("card", "forest", found, points, Asked(resamples=50), "best")
    wanted = figures(Scored(points, found.fraud, found.user, found.event_time // DAY))
    assert judged.figures["auc_roc"].value == pytest.approx(wanted.auc_roc)
    assert judged.figures["average_precision"].value == pytest.approx(wanted.average_precision)
    assert judged.card_precision_100 == wanted.card_precision_100
    assert (judged.payments, judged.frauds, judged.users) == (2_000, wanted.frauds, 300)
    for one in judged.figures.values():
        assert one.low is not None
        assert one.high is not None
        assert one.value is not None
        assert one.low <= one.value + 0.05
        assert one.high >= one.value - 0.05
    assert sum(one.payments for one in judged.reliability) == 2_000
    assert judged.figures["f1"].value == pytest.approx(
        max(_f1(points, found.fraud, at) for at in range(1_001))
    )


def _f1(points: Ints, fraud: Ints, at: int) -> float:
    true = int(fraud[points >= at].sum())
    return 2 * true / (int((points >= at).sum()) + int(fraud.sum()))


def test_the_order_of_rows_changes_nothing(found: TrainingSet, model: Loaded) -> None:
    def judged(one: TrainingSet) -> bytes:
        asked = Asked(resamples=20)
        made = evaluate("card", "forest", one, scores(model, one), asked, "best")
        return msgspec.json.encode(msgspec.structs.replace(made, first=0, last=0))

    order: Any = np.random.default_rng(1).permutation(len(found.fraud))
    assert judged(found.where(order)) == judged(found)


def test_an_isolation_forest_gives_no_probabilities(found: TrainingSet) -> None:
    judged = evaluate("odd", "isolation", found, noise(found), Asked(resamples=5), "best")
    assert rates.BRIER not in judged.figures
    assert judged.reliability == []


def test_groups_with_few_frauds_are_named_and_not_judged(found: TrainingSet, model: Loaded) -> None:
    judged = evaluate("card", "forest", found, scores(model, found), Asked(resamples=20), "best")
    for by in ("country", "channel"):
        both: list[Group | Small] = [*judged.groups, *judged.small]
        every = [one for one in both if one.by == by]
        assert sum(one.payments for one in every) == 2_000
        assert {one.name for one in every} == set(found.texts[by].tolist())
    assert all(one.frauds >= 20 for one in judged.groups)
    assert all(one.frauds < 20 for one in judged.small)
    assert judged.small
    web = next(one for one in judged.groups if one.name == "web")
    part = found.where(found.texts["channel"] == "web")
    alone = evaluate("card", "forest", part, scores(model, part), Asked(resamples=20), "best")
    assert web.figures["auc_roc"].value == alone.figures["auc_roc"].value


def test_money_is_of_one_currency(tmp_path: Path) -> None:
    rows = [
        one._replace(currency="JPY" if at % 10 == 0 else "EUR") for at, one in enumerate(payments())
    ]
    found = loaded(tmp_path, rows)
    points = noise(found)
    asked = Asked(threshold=500, resamples=5, review_cost=250)
    money = evaluate("x", "forest", found, points, asked, "option").money
    euros = found.texts["currency"] == "EUR"
    assert (money.currency, money.payments, money.others) == ("EUR", 1_800, 200)
    lost = found.amount[euros & (found.fraud == 1) & (points < 500)].sum()
    flagged = (euros & (found.fraud == 0) & (points >= 500)).sum()
    assert money.chosen.cost == lost + 250 * flagged
    assert money.at_threshold.value == money.chosen.cost
    assert money.cheapest.cost <= min(one.cost for one in money.curve)


def test_a_model_is_judged_on_what_it_has_not_learnt_from(
    found: TrainingSet, model: Loaded, tmp_path: Path
) -> None:
    part, (card,), notes = unseen(found, [model])
    assert card is not None
    assert part.event_time.min() >= card.cut > found.event_time.min()
    assert notes[0].startswith("left out are ")
    every, _, notes = unseen(found, [model], every=True)
    assert len(every.fraud) == 2_000
    assert "a model may know them" in notes[0]
    assert threshold(Asked(), card) == (card.threshold, "card")
    assert threshold(Asked(threshold=3), card) == (3, "option")
    assert threshold(Asked(), None) == (None, "best")
    old = found.where(found.event_time < card.cut)
    with pytest.raises(UserError, match=r"are from before .* build a set of a later time"):
        unseen(old, [model])
    (tmp_path / "card.md").unlink()
    every, cards, notes = unseen(found, [model])
    assert (len(every.fraud), cards) == (2_000, [None])
    assert "it can't be told what that has learnt from" in notes[0]


def test_one_class_alone_cannot_be_judged(found: TrainingSet, model: Loaded) -> None:
    honest = found._replace(fraud=np.zeros_like(found.fraud))
    with pytest.raises(UserError, match=r"set.parquet: 0 of .* payments to judge on are fraud"):
        unseen(honest, [model])


def contender(name: str, points: Ints, at: int | None = None) -> Contender:
    return Contender(name, "forest", points, Threshold(at, "best" if at is None else "option"))


def pair(a: Ints, b: Ints) -> tuple[Contender, Contender]:
    return contender("a", a), contender("b", b)


def test_the_better_model_wins_whichever_comes_first(found: TrainingSet, model: Loaded) -> None:
    good, bad = contender("good", scores(model, found)), contender("bad", noise(found))
    one, other = contest(found, good, bad, Asked()), contest(found, bad, good, Asked())
    assert (one.winner, other.winner) == ("a", "b")
    for left, right in zip(one.differences, other.differences, strict=True):
        assert (left.a, left.b) == (right.b, right.a)
        assert left.difference.value == pytest.approx(-(right.difference.value or 0))
    by_name = {each.figure: each for each in one.differences}
    assert by_name["auc_roc"].better == by_name["brier"].better == by_name["cost"].better == "a"


def test_nobody_wins_against_itself_nor_by_chance(found: TrainingSet, model: Loaded) -> None:
    same = contender("same", scores(model, found))
    tied = contest(found, same, same, Asked(resamples=50))
    assert tied.winner == ""
    assert {one.difference for one in tied.differences} == {Interval(0.0, 0.0, 0.0)}
    wins = [
        contest(found, *pair(noise(found, 2 * n), noise(found, 2 * n + 1)), Asked()).winner
        for n in range(8)
    ]
    assert wins.count("") >= 5


def test_a_model_does_not_beat_itself_by_another_threshold(
    found: TrainingSet, model: Loaded
) -> None:
    points = scores(model, found)
    judged = contest(found, contender("a", points, 1), contender("b", points, 700), Asked())
    assert {one.figure: one.better for one in judged.differences}["f1"] != ""
    assert judged.winner == ""


def test_a_difference_is_paired(found: TrainingSet, model: Loaded) -> None:
    """Two models that are nearly one differ by far less than either varies."""
    points = scores(model, found)
    near = np.clip(points + np.random.default_rng(1).integers(-2, 3, len(points)), 0, 1_000)
    judged = contest(found, contender("a", points), contender("b", near), Asked())
    alone = evaluate("a", "forest", found, points, Asked(), "best").figures["auc_roc"]
    auc = judged.differences[0].difference
    assert auc.high is not None
    assert auc.low is not None
    assert alone.high is not None
    assert alone.low is not None
    assert auc.high - auc.low < (alone.high - alone.low) / 2


def test_a_large_set_is_judged_in_seconds(tmp_path: Path) -> None:
    found = loaded(tmp_path)
    many: Any = np.resize(np.arange(len(found.fraud)), 100_000)
    large = found.where(many)
    large = large._replace(
        user=np.arange(100_000) // 8, event_time=large.event_time[np.argsort(large.event_time)]
    )
    begun = time.process_time()
    evaluate("x", "forest", large, noise(large), Asked(resamples=200), "best")
    assert time.process_time() - begun < 20
