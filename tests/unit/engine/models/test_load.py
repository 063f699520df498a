"""What a model's file may be: each fault with its place, and never anything but a fault."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.engine.models.format import (
    MAX_CHARACTERS,
    MAX_DEPTH,
    MAX_INPUTS,
    MAX_MARGINS,
    MAX_NODES,
    MAX_TREES,
    MAX_VALUE,
    ModelFile,
    encode,
)
from risk.engine.models.load import Faulty, load_model
from tests.unit.engine.models.ensembles import DIGEST, OFFERED, files

GOOD: dict[str, Any] = {
    "format": 1,
    "name": "card",
    "kind": "boosting",
    "inputs": [
        {"feature": "user_count_5m"},
        {"feature": "terminal_frauds_28d", "digest": DIGEST},
        {"field": "amount"},
    ],
    "trees": [[[0, 3, 1, 2, 5], [1], [1, 0, 3, 4, 7], [6], [9]], [[4]]],
    "calibration": {"margins": [0, 9], "scores": [0, 500, 1000]},
}


def told(text: str) -> str:
    """What is said of a text."""
    with pytest.raises(Faulty) as caught:
        load_model(text, "card", OFFERED)
    return str(caught.value)


def test_what_is_right_is_taken() -> None:
    assert load_model(json.dumps(GOOD), "card", OFFERED).kind == "boosting"


def path(*keys: Any, to: Any) -> Callable[[Any], None]:
    def change(file: Any) -> None:
        for key in keys[:-1]:
            file = file[key]
        file[keys[-1]] = to

    return change


DEEP = [[0, 0, n + 1, n + 2, 0] if not n % 2 else [0] for n in range(2 * MAX_DEPTH + 2)] + [[0]]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (path("format", to=2), "format: invalid enum value 2"),
        (path("kind", to="tree"), "kind: invalid enum value 'tree'"),
        (path("extra", to=2), "object contains unknown field `extra`"),
        (path("name", to="cart"), "name: 'cart', in a file called card.json: both are one name"),
        (path("base", to=0.5), "base: expected `int`, got `float`"),
        (path("base", to=MAX_VALUE + 1), f"base: beyond {MAX_VALUE:,}"),
        (path("inputs", to=[]), "inputs: 0 inputs: from 1 to 128"),
        (path("inputs", 0, to={}), "inputs[0]: has either a feature or a field"),
        (path("inputs", 2, to={"field": "ip"}), "inputs[2]: no field ip: it may be amount,"),
        (path("inputs", 2, to={"feature": "user_count_5m"}), "inputs[2]: user_count_5m stands"),
        (path("inputs", 0, "feature", to="user_x"), "inputs[0]: the ruleset has no feature user_x"),
        (path("inputs", 0, "digest", to="ab"), "inputs[0].digest: of a declared feature, 64 hex"),
        (
            path("inputs", 0, "digest", to=DIGEST),
            "user_count_5m is of the catalogue in the ruleset",
        ),
        (path("inputs", 1, "digest", to=""), "terminal_frauds_28d is declared: its digest is miss"),
        (path("inputs", 1, "digest", to="0" * 64), "inputs[1]: terminal_frauds_28d is"),
        (path("trees", to=[]), "trees: 0 trees: from 1 to 2,000"),
        (path("trees", 1, to=[]), "trees[1]: has no nodes"),
        (path("trees", 1, 0, to=[]), "trees[1][0]: a node is [input, threshold, left, right, valu"),
        (path("trees", 0, 0, 0, to=3), "trees[0][0]: input 3: there are 3, counted from 0"),
        (path("trees", 0, 0, 0, to=-1), "trees[0][0]: input -1"),
        (path("trees", 0, 0, 1, to=2.0), "trees[0][0][1]: expected `int`, got `float`"),
        (path("trees", 0, 0, 1, to=True), "trees[0][0][1]: expected `int`, got `bool`"),
        (path("trees", 0, 0, 1, to=None), "trees[0][0][1]: expected `int`, got `null`"),
        (path("trees", 0, 0, 1, to=2**63), "trees[0][0][1]: expected `int` <= 9223372036854775807"),
        (path("trees", 0, 0, 3, to=5), "trees[0][0]: right is node 5: there are 5, counted from 0"),
        (path("trees", 0, 0, 3, to=-1), "trees[0][0]: right is node -1"),
        (path("trees", 0, 2, 2, to=0), "trees[0][2]: left is node 0: a node stands behind the one"),
        (path("trees", 0, 2, 2, to=2), "trees[0][2]: left is node 2: a node stands behind the one"),
        (path("trees", 0, 0, 2, to=2), "trees[0][0]: a second way to node 2"),
        (path("trees", 0, 2, to=[7]), "trees[0][3]: no node leads here"),
        (path("trees", 0, 3, to=[MAX_VALUE + 1]), "trees[0][3]: value 17592186044417: beyond"),
        (path("trees", 0, to=DEEP), "more than 64 deep"),
        (path("trees", to=[[[1]]] * (MAX_TREES + 1)), "trees: 2,001 trees"),
        (path("trees", to=[[[1]] * (MAX_NODES + 1)]), "trees: 100,001 nodes: at most 100,000"),
        (path("inputs", to=[{"field": "amount"}] * (MAX_INPUTS + 1)), "inputs: 129 inputs"),
        (path("calibration", "margins", to=[9, 0]), "calibration.margins[1]: not above the one"),
        (path("calibration", "margins", to=[9, 9]), "calibration.margins[1]: not above the one"),
        (path("calibration", "margins", to=[1]), "calibration.scores: one more than there are mar"),
        (path("calibration", "margins", to=[0] * (MAX_MARGINS + 1)), "more than 10,000"),
        (path("calibration", "scores", 0, to=501), "calibration.scores[1]: below the one before"),
        (
            path("calibration", "scores", 2, to=1001),
            "calibration.scores[2]: expected `int` <= 1000",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(change: Callable[[Any], None], fault: str) -> None:
    file = copy.deepcopy(GOOD)
    change(file)
    assert fault in told(json.dumps(file))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "not JSON: Input data was truncated"),
        ("[]", "expected `object`, got `array`"),
        (json.dumps(GOOD)[:-10], "not JSON: Input data was truncated"),
        (json.dumps(GOOD) + "}", "not JSON: trailing characters"),
        (json.dumps(GOOD).replace("1000", "NaN"), "not JSON: "),
        (json.dumps(GOOD).replace("1000", "Infinity"), "not JSON: "),
        ("[" * 100_000, "expected `object`, got `array`"),
        (json.dumps(GOOD).replace("card", "\ud800"), "half of a surrogate pair"),
        (" " * (MAX_CHARACTERS + 1), "4,000,001 characters: at most 4,000,000"),
    ],
)
def test_what_is_no_file_is_told(text: str, fault: str) -> None:
    assert fault in told(text)


def test_every_fault_is_told_at_once() -> None:
    file = copy.deepcopy(GOOD)
    file["inputs"][0] = {}
    file["trees"][0][0][0] = 9
    file["calibration"]["scores"] = [0]
    assert all(place in told(json.dumps(file)) for place in ("inputs[0]", "trees[0][0]", "scores"))


@given(files())
def test_what_is_written_is_read_again(file: ModelFile) -> None:
    assert load_model(encode(file), "card", OFFERED).file == file


junk = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=3),
        st.integers(-2, 6),
        st.just(DIGEST),
    ),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


def places(value: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every part of a value."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    found = [above] if above else []
    for key, part in pairs:
        inner = (*above, key)
        found += places(part, inner) if isinstance(part, dict | list) else [inner]
    return found


@given(files(), st.data())
def test_whatever_stands_in_a_file_it_is_a_model_or_a_fault(
    file: ModelFile, data: st.DataObject
) -> None:
    value = json.loads(encode(file))
    for _ in range(data.draw(st.integers(1, 3))):
        path(*data.draw(st.sampled_from(places(value))), to=data.draw(junk))(value)
    text = json.dumps(value)
    cut = data.draw(st.one_of(st.just(len(text)), st.integers(0, len(text))))
    try:
        found = load_model(text[:cut], "card", OFFERED)
    except Faulty:
        return
    assert found.rows(np.zeros((1, len(found.file.inputs)), np.int64)).margins


@given(st.text())
def test_any_text_is_a_fault(text: str) -> None:
    assert told(text)
