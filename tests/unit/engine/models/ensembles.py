"""Random ensembles for the tests of models."""

from __future__ import annotations

import hashlib
import json
from typing import Any, get_args

from hypothesis import strategies as st

from risk.engine.models.format import Calibration, Input, Kind, ModelFile, encode
from risk.engine.models.inputs import Offered
from risk.engine.models.model import Model

DIGEST = hashlib.sha256(b"terminal_frauds_28d").hexdigest()
OFFERED = {
    "user_count_5m": Offered("int"),
    "user_new_device": Offered("bool"),
    "user_amount_ratio": Offered("float"),
    "terminal_frauds_28d": Offered("int", DIGEST),
}
INPUTS = (
    Input("user_count_5m"),
    Input("user_amount_ratio"),
    Input("user_new_device"),
    Input(field="amount"),
    Input(field="amount_major"),
    Input("terminal_frauds_28d", DIGEST),
    Input(field="hour_utc"),
    Input(field="weekday_utc"),
)
KINDS: tuple[Kind, ...] = get_args(Kind)
Tree = tuple[tuple[int, ...], ...]

# Few values, so that rows often stand right on a threshold; and the edges of 64 bits.
numbers = st.one_of(
    st.integers(-3, 8),
    st.integers(-(2**63), 2**63 - 1),
    st.sampled_from((2**63 - 1, -(2**63), 2**53 + 1)),
)
values = st.integers(-(2**44), 2**44)


@st.composite
def trees(draw: st.DrawFn, inputs: int, most: int = 12) -> Tree:
    """A tree with up to so many splits; any node of it may be split."""
    nodes: list[tuple[int, ...]] = [(draw(values),)]
    leaves = [0]
    for _ in range(draw(st.integers(0, most))):
        at = leaves.pop(draw(st.integers(0, len(leaves) - 1)))
        left, right = len(nodes), len(nodes) + 1
        asked = draw(st.integers(0, inputs - 1))
        nodes[at] = (asked, draw(numbers), left, right, nodes[at][0])
        nodes += [(draw(values),), (draw(values),)]
        leaves += [left, right]
    return tuple(nodes)


@st.composite
def files(draw: st.DrawFn, most_trees: int = 4, most_splits: int = 12) -> ModelFile:
    """A model's file that holds together."""
    inputs = draw(st.permutations(INPUTS))[: draw(st.integers(1, len(INPUTS)))]
    found = draw(st.lists(trees(len(inputs), most_splits), min_size=1, max_size=most_trees))
    margins = sorted(draw(st.sets(st.one_of(values, st.integers(-3, 8)), max_size=6)))
    scores = draw(
        st.lists(st.integers(0, 1_000), min_size=len(margins) + 1, max_size=len(margins) + 1)
    )
    calibration = Calibration(tuple(margins), tuple(sorted(scores)))
    kind = draw(st.sampled_from(KINDS))
    return ModelFile(1, "card", kind, tuple(inputs), tuple(found), calibration, draw(values))


def model(file: ModelFile) -> Model:
    """The model of a file, under a ruleset that offers all inputs of `INPUTS`."""
    return Model(file, encode(file), OFFERED)


def spread(count: int, leaves: int, inputs: int, seed: int) -> tuple[Tree, ...]:
    """Large trees, cheaply: as many as `count`, of so many leaves each."""
    state = seed

    def draw(below: int) -> int:
        nonlocal state
        state = (state * 6_364_136_223_846_793_005 + 1_442_695_040_888_963_407) % 2**64
        return (state >> 33) % below

    found: list[Tree] = []
    for _ in range(count):
        nodes: list[tuple[int, ...]] = [(draw(2**31),)]
        open_: list[int] = [0]
        while len(open_) < leaves:
            at = open_.pop(draw(min(len(open_), 8)))
            left = len(nodes)
            nodes[at] = (draw(inputs), draw(100), left, left + 1, nodes[at][0])
            nodes += [(draw(2**31),), (draw(2**31),)]
            open_ += [left, left + 1]
        found.append(tuple(nodes))
    return tuple(found)


def plain(file: ModelFile) -> Any:
    """The file as JSON reads it."""
    return json.loads(encode(file))
