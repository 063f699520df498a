"""Boosted trees of LightGBM: what `dump_model()` gives, or the text of `model_to_string()`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from risk.engine.models.format import ModelFile, Node
from risk.errors import UserError
from risk.ops.models.build import Split, model_file, tree
from risk.ops.models.calibration import sigmoid
from risk.ops.models.columns import Column

_CATEGORY, _MISSING, _ZERO = 1, 12, 4  # bits of a decision_type in the text
_OBJECTIVE = re.compile(r"(binary|cross_entropy)(?: sigmoid:([0-9.eE+-]+))?\b.*")
_KEPT: Final = (
    *("num_leaves", "split_feature", "threshold", "decision_type"),
    *("left_child", "right_child", "leaf_value", "internal_value"),
)


def from_dump(
    name: str, columns: Sequence[Column], dump: Mapping[str, Any], about: str = ""
) -> ModelFile:
    """The file of a booster. `columns` are in the order of its data. Raises `UserError`."""
    slope = _slope(dump.get("objective", ""))
    _check(dump.get("num_tree_per_iteration", 1), bool(dump.get("average_output")))

    def look(node: Any) -> Split | float:
        if "split_feature" not in node:
            return float(node["leaf_value"])
        if node["decision_type"] != "<=" or node["missing_type"] == "Zero":
            raise _unknown()
        return Split(
            node["split_feature"],
            float(node["threshold"]),
            node["left_child"],
            node["right_child"],
            float(node["internal_value"]),
        )

    trees = [tree(one["tree_structure"], look, columns, float) for one in dump["tree_info"]]
    return _file(name, columns, trees, slope, about)


def from_text(name: str, columns: Sequence[Column], text: str, about: str = "") -> ModelFile:
    """The same from the text of a booster. Raises `UserError`."""
    head, *parts = re.split(r"^Tree=\d+$", text, flags=re.MULTILINE)
    said = dict(line.partition("=")[::2] for line in head.splitlines())
    slope = _slope(said.get("objective", ""))
    _check(int(said.get("num_tree_per_iteration", 1)), "average_output" in said)
    trees = [_tree(part.partition("end of trees")[0], columns) for part in parts]
    return _file(name, columns, trees, slope, about)


def _tree(text: str, columns: Sequence[Column]) -> tuple[Node, ...]:
    said = dict(line.partition("=")[::2] for line in text.splitlines())
    part = {key: said.get(key, "").split() for key in _KEPT}

    def look(node: object) -> Split | float:
        assert isinstance(node, int)
        if node < 0:  # a leaf, counted from -1 down
            return float(part["leaf_value"][~node])
        decision = int(part["decision_type"][node])
        if decision & _CATEGORY or decision & _MISSING == _ZERO:
            raise _unknown()
        return Split(
            int(part["split_feature"][node]),
            float(part["threshold"][node]),
            int(part["left_child"][node]),
            int(part["right_child"][node]),
            float(part["internal_value"][node]),
        )

    return tree(-1 if part["num_leaves"] == ["1"] else 0, look, columns, float)


def _file(
    name: str,
    columns: Sequence[Column],
    trees: Sequence[tuple[Node, ...]],
    slope: float,
    about: str,
) -> ModelFile:
    return model_file(name, "boosting", columns, tuple(trees), sigmoid(slope), about)


def _slope(objective: str) -> float:
    match = _OBJECTIVE.fullmatch(objective.strip())
    if match is None:
        raise UserError(f"objective {objective!r}: a model of fraud is binary or cross_entropy")
    return float(match[2] or 1)


def _check(classes: int, averaged: bool) -> None:
    if classes != 1:
        raise UserError(f"{classes} trees an iteration: a model of fraud has one")
    if averaged:
        raise UserError("a random forest of LightGBM: take scikit-learn's, or boosting=gbdt")


def _unknown() -> UserError:
    return UserError("a split by category, or with zero as missing: train without these")
