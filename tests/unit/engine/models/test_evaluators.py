"""The tables against the oracle that walks the trees: the same numbers, to the last bit."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risk.engine.models.format import Calibration, Input, ModelFile
from risk.engine.models.masks import fits
from risk.engine.models.model import Model
from risk.engine.models.nodes import flat
from risk.engine.models.quickscorer import FEW, QuickScorer
from risk.engine.models.walk import Walk
from risk.engine.oracle.models import walk
from tests.unit.engine.models.ensembles import files, model, numbers, plain, spread

Rows = Sequence[Sequence[int]]


def rows_for(file: ModelFile) -> st.SearchStrategy[list[list[int]]]:
    """Rows, many of them right on the model's thresholds and beside them."""
    known = sorted(
        {node[1] + by for tree in file.trees for node in tree if len(node) > 1 for by in (0, 1)}
    )
    near = st.sampled_from([one for one in known if abs(one) < 2**63] or [0])
    count = len(file.inputs)
    row = st.lists(st.one_of(near, numbers), min_size=count, max_size=count)
    return st.lists(row, min_size=1, max_size=2 * FEW)


def array(rows: Rows) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    return np.array(rows, np.int64)


def agree(one: Model, rows: Rows) -> None:
    """Each row's score, margin and contributions are the oracle's; the last two add up."""
    file = plain(one.file)
    found = one.rows(array(rows))
    for index, row in enumerate(rows):
        wanted = walk(file, list(row))
        moved = one.contributions(found.leaves[index])
        assert (found.scores[index], found.margins[index]) == (wanted.score, wanted.margin)
        assert (one.expected, moved) == (wanted.expected, wanted.moved)
        assert one.expected + sum(moved) == found.margins[index]


@given(st.data())
def test_tables_say_what_the_oracle_says(data: st.DataObject) -> None:
    file = data.draw(files())
    agree(model(file), data.draw(rows_for(file)))


@given(st.data())
def test_the_size_and_the_order_of_a_batch_change_nothing(data: st.DataObject) -> None:
    one = model(data.draw(files(most_splits=20)))
    rows = data.draw(rows_for(one.file))
    whole = one.rows(array(rows))
    order = data.draw(st.permutations(range(len(rows))))
    size = data.draw(st.integers(1, len(rows)))
    for start in range(0, len(rows), size):
        part = order[start : start + size]
        found = one.rows(array([rows[index] for index in part]))
        assert found.margins == [whole.margins[index] for index in part]
        assert found.scores == [whole.scores[index] for index in part]


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.sampled_from((1, 2, 63, 64, 65, 128, 129, 250)), min_size=1, max_size=6),
    st.integers(0, 2**32),
)
def test_large_trees_take_several_words(sizes: list[int], seed: int) -> None:
    trees = tuple(tree for size in sizes for tree in spread(1, size, 3, seed + size))
    nodes = flat(trees)
    draw = random.Random(seed)
    rows = [[draw.randrange(-1, 101) for _ in range(3)] for _ in range(2 * FEW)]
    masks, walked = QuickScorer(nodes), Walk(nodes)
    assert fits(nodes)
    for part in (rows, rows[:1]):
        by_masks = np.sort(masks.leaves(array(part)), axis=1)
        assert by_masks.tolist() == np.sort(walked.leaves(array(part)), axis=1).tolist()


def test_what_no_masks_are_made_for_is_walked() -> None:
    calibration = Calibration((0,), (0, 1_000))
    deep = ModelFile(1, "card", "forest", (Input(field="amount"),), (), calibration)
    one = model(ModelFile(1, "card", "forest", deep.inputs, spread(2, 300, 1, 7), calibration))
    assert isinstance(one.evaluator, Walk)
    agree(one, [[number] for number in range(-1, 101, 7)])
    with pytest.raises(ValueError, match="too large"):
        QuickScorer(flat(one.file.trees))


def test_a_value_on_the_threshold_goes_left() -> None:
    tree = ((0, 5, 1, 2, 0), (1,), (2,))
    file = ModelFile(
        1, "card", "boosting", (Input(field="amount"),), (tree,), Calibration((), (0,))
    )
    assert model(file).rows(array([[4], [5], [6]])).margins == [1, 1, 2]


def test_a_score_is_the_calibrations_of_the_margin() -> None:
    tree = ((0, 5, 1, 2, 0), (0, 2, 3, 4, 0), (30,), (-10,), (20,))
    calibration = Calibration((-10, 20, 25), (0, 100, 900, 1_000))
    file = ModelFile(1, "card", "boosting", (Input(field="amount"),), (tree,), calibration)
    one = model(file)
    assert one.rows(array([[0], [3], [9]])).scores == [100, 900, 1_000]
    lower = model(ModelFile(1, "card", "boosting", file.inputs, (tree,), calibration, -1))
    assert lower.rows(array([[0], [3], [9]])).scores == [0, 100, 1_000]
