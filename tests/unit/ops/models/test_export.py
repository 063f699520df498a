"""Exported models against what the libraries said of the same rows.

The dumps are of models that LightGBM 4.7 and scikit-learn 1.9 trained on 3,000 made-up payments;
the rows are more of these, and some right on the models' thresholds.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.engine.models.format import ModelFile, encode
from risk.engine.models.inputs import Offered
from risk.engine.models.load import load_model
from risk.engine.models.model import Model
from risk.engine.rules import load
from risk.errors import UserError
from risk.ops.models import calibration, lightgbm, scikit_learn
from risk.ops.models.build import scaled
from risk.ops.models.columns import Column, columns_of

DUMPS = Path(__file__).parents[3] / "data" / "models"
FEATURE = """\
terminal_frauds_28d:
  key: merchant_id
  window: 28d
  value: count
  where: verdict == "fraud"
  about: frauds at the terminal
  tests: [{name: one, payments: [{amount: 40}], value: 0}]
"""
RULE = """\
id: any
version: 1
description: d
points: 50
when: terminal_frauds_28d > 3
reason: many
tests:
  - {name: hit, hit: true, given: {terminal_frauds_28d: 4}}
  - {name: miss, hit: false, given: {}}
"""
RULESET = load(
    {
        "ruleset.yaml": "{name: t, version: 1, description: d, thresholds: {review: 1, block: 2}}",
        "any.yaml": RULE,
        "features/f.yaml": FEATURE,
    }
)


def read(name: str) -> Any:
    return json.loads((DUMPS / f"{name}.json").read_text("utf-8"))


def loaded(file: ModelFile, columns: list[Column]) -> Model:
    """The model as a ruleset reads it."""
    offered = {one.input.feature: Offered(one.type, one.input.digest) for one in columns}
    return load_model(encode(file), file.name, offered)


def close(file: ModelFile, columns: list[Column], dump: Any, shares: Any, margins: Any) -> None:
    """The engine says of each row what the library did, and its contributions add up."""
    model = loaded(file, columns)
    rows = [[c.whole(v) for c, v in zip(columns, row, strict=True)] for row in dump["rows"]]
    found = model.rows(np.array(rows, np.int64))
    for index, margin in enumerate(found.margins):
        assert margin / 2**32 == pytest.approx(margins[index], abs=1e-8)
        share = 1_000 * shares[index]
        assert found.scores[index] == round(share) or abs(share % 1 - 0.5) < 1e-4
        assert model.expected + sum(model.contributions(found.leaves[index])) == margin


@pytest.mark.parametrize("form", ["dump", "text"])
def test_boosted_trees_of_lightgbm(form: str) -> None:
    dump = read("lightgbm")
    columns = columns_of(RULESET, dump["columns"])
    export: Any = {"dump": lightgbm.from_dump, "text": lightgbm.from_text}[form]
    file = export("card", columns, dump[form], "for tests")
    close(file, columns, dump, dump["shares"], dump["margins"])


def test_both_forms_of_a_booster_have_the_same_leaves() -> None:
    dump = read("lightgbm")
    columns = columns_of(RULESET, dump["columns"])
    one = lightgbm.from_dump("card", columns, dump["dump"])
    other = lightgbm.from_text("card", columns, dump["text"])
    assert [[node[:-1] for node in tree] for tree in one.trees] == [
        [node[:-1] for node in tree] for tree in other.trees
    ]
    leaves = [
        [node for tree in file.trees for node in tree if len(node) == 1] for file in (one, other)
    ]
    assert leaves[0] == leaves[1]


@pytest.mark.parametrize("name", ["random_forest", "extra_trees"])
def test_forests_of_scikit_learn(name: str) -> None:
    dump = read(name)
    columns = columns_of(RULESET, dump["columns"])
    file = scikit_learn.forest("card", columns, dump["trees"])
    close(file, columns, dump, dump["shares"], dump["shares"])


def test_an_isolation_forest_of_scikit_learn() -> None:
    dump = read("isolation_forest")
    columns = columns_of(RULESET, dump["columns"])
    file = scikit_learn.isolation("spend", columns, dump["trees"], dump["max_samples"])
    usual = scikit_learn.usual_length(dump["max_samples"])
    close(file, columns, dump, dump["shares"], [usual * np.log2(one) for one in dump["shares"]])


def test_a_score_by_rank_says_of_how_many_it_is_more_unusual() -> None:
    dump = read("isolation_forest")
    columns = columns_of(RULESET, dump["columns"])
    file = scikit_learn.isolation("spend", columns, dump["trees"], dump["max_samples"])
    ranked = calibration.by_rank(file, columns, dump["rows"])
    rows = [[c.whole(v) for c, v in zip(columns, row, strict=True)] for row in dump["rows"]]
    found = loaded(ranked, columns).rows(np.array(rows, np.int64))
    count = len(rows)
    for margin, score in zip(found.margins, found.scores, strict=True):
        assert score == 1_000 * sum(one < margin for one in found.margins) // count
    assert max(found.scores) > 900


ROUNDED = st.floats(-1e9, 1e9).map(lambda value: round(value, 4))


@given(
    st.sampled_from(("int", "float")),
    st.sampled_from((float, lambda value: float(np.float32(value)))),
    st.floats(-1e15, 1e15),
    st.data(),
)
def test_a_payment_goes_the_way_that_it_goes_in_the_library(
    kind: Any, reads: Any, threshold: float, data: st.DataObject
) -> None:
    (column,) = columns_of(RULESET, ["amount" if kind == "int" else "amount_major"])
    if kind == "float":  # beyond some 2 * 10^11 a fraction has no four exact decimals
        threshold %= 2e11
    whole = column.threshold(threshold, reads)
    near = st.integers(-3, 3).map(
        lambda by: column.value(max(-(2**63), min(2**63 - 1, whole + by)))
    )
    any_value = ROUNDED if kind == "float" else st.integers(-(10**15), 10**15).map(float)
    value = data.draw(st.one_of(near, any_value))
    assert (column.whole(value) <= whole) is (reads(value) <= threshold)


def test_columns_are_features_and_fields() -> None:
    names = ["terminal_frauds_28d", "user_amount_ratio", "amount_major"]
    declared, catalogue, field = columns_of(RULESET, names)
    assert declared.input.digest == RULESET.features[0].digest
    assert (catalogue.input.feature, catalogue.input.digest) == ("user_amount_ratio", "")
    assert (field.input.field, field.type) == ("amount_major", "float")
    with pytest.raises(
        UserError, match="t has nothing called user_count: did you mean user_count_5m"
    ):
        columns_of(RULESET, ["user_count"])


def change(dump: Any, **root: Any) -> Any:
    found = copy.deepcopy(dump)
    found["tree_info"][0]["tree_structure"].update(root)
    return found


def fitted(classes: list[int] | None, **more: Any) -> Any:
    """A forest of one tree, as scikit-learn has it once it is fitted."""
    lists = {
        "children_left": [1, -1, -1],
        "children_right": [2, -1, -1],
        "feature": [1, -2, -2],
        "threshold": [5.5, -2.0, -2.0],
        "n_node_samples": [4, 3, 1],
        "value": [[[3.0, 1.0]], [[3.0, 0.0]], [[0.0, 1.0]]],
    }
    tree = SimpleNamespace(**{name: np.array(values) for name, values in lists.items()})
    found = SimpleNamespace(estimators_=[SimpleNamespace(tree_=tree)], **more)
    if classes is not None:
        found.classes_ = classes
    return found


def test_a_fitted_forest_is_read_as_plain_lists() -> None:
    (one,) = scikit_learn.arrays(fitted([0, 1]))
    assert (one["value"], one["feature"]) == ([0.25, 0.0, 1.0], [1, -2, -2])
    (other,) = scikit_learn.arrays(fitted(None, estimators_features_=[np.array([4, 6])]))
    assert (other["feature"], "value" in other) == ([6, -2, -2], False)
    assert json.loads(json.dumps(other)) == other
    with pytest.raises(UserError, match="3 classes"):
        scikit_learn.arrays(fitted([0, 1, 2]))
    columns = columns_of(RULESET, ["user_count_5m", "amount"])
    (tree,) = scikit_learn.forest("card", columns, [one]).trees
    assert tree == ((1, 5, 1, 2, 2**30), (0,), (2**32,))


def test_what_the_engine_can_not_do_is_refused() -> None:
    dump = read("lightgbm")["dump"]
    columns = columns_of(RULESET, read("lightgbm")["columns"])
    for changed, told in (
        (change(dump, decision_type="=="), "a split by category"),
        (change(dump, missing_type="Zero"), "with zero as missing"),
        (change(dump, split_feature=7), "column 7 of the data: 7 are named"),
        (dump | {"objective": "regression"}, "objective 'regression'"),
        (dump | {"num_tree_per_iteration": 3}, "3 trees an iteration"),
        (dump | {"average_output": True}, "a random forest of LightGBM"),
        (dump | {"tree_info": []}, "card: trees: 0 trees"),
    ):
        with pytest.raises(UserError, match=told):
            lightgbm.from_dump("card", columns, changed)
    text = read("lightgbm")["text"]
    for old, new, told in (
        ("decision_type=2 ", "decision_type=3 ", "a split by category"),
        ("decision_type=2 ", "decision_type=6 ", "zero as missing"),
        ("objective=binary", "objective=lambdarank", "objective 'lambdarank"),
    ):
        assert old in text
        with pytest.raises(UserError, match=told):
            lightgbm.from_text("card", columns, text.replace(old, new))
    with pytest.raises(UserError, match="the value of a node is nan"):
        scaled(float("nan"))


def test_a_tree_that_is_a_single_leaf() -> None:
    columns = columns_of(RULESET, ["amount"])
    dump = {"objective": "binary sigmoid:1", "tree_info": [{"tree_structure": {"leaf_value": 0.5}}]}
    text = "objective=binary sigmoid:1\n\nTree=0\nnum_leaves=1\nleaf_value=0.5\n\nend of trees\n"
    assert lightgbm.from_dump("card", columns, dump).trees == (((2**31,),),)
    assert lightgbm.from_text("card", columns, text).trees == (((2**31,),),)
    assert lightgbm.from_text("card", columns, text).calibration.scores[-1] == 1_000
