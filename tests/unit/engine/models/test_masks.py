"""How masks are laid out: narrow words, and inputs of few thresholds in one table."""

from __future__ import annotations

import random

import numpy as np
import pytest

from risk.engine.models.masks import JOINT_BYTES, JOINT_LINES, Line, fits, joined, tables
from risk.engine.models.nodes import flat
from risk.engine.models.quickscorer import CHUNK, QuickScorer
from risk.engine.models.walk import Walk
from tests.unit.engine.models.ensembles import spread

BOOLEANS = tuple(((one, 0, 1, 2, 0), (1,), (2,)) for one in range(9))


@pytest.mark.parametrize(
    ("leaves", "bits"), [(2, 8), (8, 8), (9, 16), (31, 32), (33, 16), (64, 64), (65, 32), (250, 64)]
)
def test_words_take_the_fewest_bytes(leaves: int, bits: int) -> None:
    nodes = flat(spread(1, leaves, 3, 7))
    line = Line.of(nodes)
    assert (line.bits, line.words) == (bits, -(-leaves // bits))


def test_inputs_of_few_thresholds_share_a_table() -> None:
    line = Line.of(nodes := flat(BOOLEANS))
    found = joined(tables(nodes, line), line)
    assert [one.inputs for one in found] == [(0, 1, 2, 3, 4, 5), (6, 7, 8)]
    assert [len(one.masks) for one in found] == [JOINT_LINES, 8]


def test_a_shared_table_of_long_lines_has_fewer() -> None:
    line = Line.of(nodes := flat(BOOLEANS * 600))
    found = joined(tables(nodes, line), line)
    assert [len(one.masks) for one in found] == [32, 16]
    assert all(one.masks.nbytes <= JOINT_BYTES for one in found)


def test_an_ensemble_that_asks_nothing_has_one_line() -> None:
    nodes = flat((((5,),), ((7,),)))
    line = Line.of(nodes)
    assert [len(one.masks) for one in joined(tables(nodes, line), line)] == [1]
    for rows in (1, CHUNK):
        asked = np.zeros((rows, 3), np.int64)
        assert QuickScorer(nodes).leaves(asked).tolist() == [[0, 1]] * rows


def test_a_batch_of_several_chunks_comes_to_the_leaves_of_a_walk() -> None:
    nodes = flat((*BOOLEANS, *spread(3, 40, 9, 5)))
    assert fits(nodes)
    draw = random.Random(1)
    rows = np.array([[draw.randrange(-1, 101) for _ in range(9)] for _ in range(2 * CHUNK + 3)])
    masks, walked = QuickScorer(nodes).leaves(rows), Walk(nodes).leaves(rows)
    assert np.sort(masks, axis=1).tolist() == np.sort(walked, axis=1).tolist()
