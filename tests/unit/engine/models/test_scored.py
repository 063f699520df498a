"""What is told of a model's score, in numbers and in words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from risk.engine.features.catalogue import FIRST, FeatureValue
from risk.engine.messages import Contribution
from risk.engine.models.contributions import thousandths
from risk.engine.models.format import Calibration, Input, ModelFile
from risk.engine.models.panel import Panel
from risk.engine.models.scored import UNSCORED, in_words
from risk.engine.oracle.models import Walker
from tests.unit.engine.models.ensembles import files, model
from tests.unit.engine.models.test_inputs import MAKE, events
from tests.unit.streams import transaction


@given(events(), files())
def test_what_is_told_is_what_the_oracle_tells(
    event: tuple[dict[str, Any], Any], file: Any
) -> None:
    values, txn = event
    one = model(file)
    (found,) = Panel({"card": one}).scored([(MAKE(**values), txn)])
    said = Walker({"card": one.text}).scores_of(values, txn)
    assert found.scores == said.scores
    assert found.contributions("card") == said.contributions("card")


@pytest.mark.parametrize(
    ("value", "points", "text"),
    [
        (4, 312, "terminal_frauds_28d 4: +312"),
        (0.35, -8, "terminal_frauds_28d 0.35: -8"),
        (100_000.0, 1, "terminal_frauds_28d 100000: +1"),
        (True, 1, "terminal_frauds_28d true: +1"),
        (False, 1, "terminal_frauds_28d false: +1"),
    ],
)
def test_a_contribution_in_words(value: FeatureValue, points: int, text: str) -> None:
    assert in_words(Contribution("terminal_frauds_28d", value, points)) == text


def test_a_contribution_in_thousandths_is_rounded_half_up() -> None:
    for amount, points in ((0, 0), (2**32, 1_000), (-(2**32), -1_000), (2**31, 500)):
        assert thousandths(amount) == points
    unit = 2**32 // 8  # 125 thousandths
    assert [thousandths(unit // 250 * n) for n in (0, 1, 2, 3)] == [0, 0, 1, 1]


def test_the_largest_come_first_and_what_moves_nothing_is_left_out() -> None:
    inputs = (Input("user_count_5m"), Input("user_new_device"), Input(field="amount"))
    trees = (
        ((0, 0, 1, 2, 0), (0,), (2**32,)),
        ((2, 0, 1, 2, 0), (0,), (-(2**33),)),
        ((1, 0, 1, 2, 7), (7,), (8,)),
    )
    one = model(ModelFile(1, "card", "boosting", inputs, trees, Calibration((), (0,))))

    (found,) = Panel({"card": one}).scored([(MAKE(**FIRST, terminal_frauds_28d=0), transaction(1))])
    assert found.contributions("card") == (
        Contribution("amount", 1_000, -2_000),
        Contribution("user_count_5m", 1, 1_000),
    )


def test_nothing_is_told_of_no_model() -> None:
    assert UNSCORED.scores == {}
    assert UNSCORED.contributions("card") == ()
