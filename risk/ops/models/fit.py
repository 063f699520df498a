"""Fits a model, in the environment for training: `python -m risk.ops.models.fit JOB.json`.

What it is told is a file, and so is what it answers: a dump of the trees as plain lists. So the
engine's own environment needs no library that trains.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from risk.ops.models.scikit_learn import arrays

TREES: Final = 300  # of a forest
LEAVES: Final = 150  # of each of its trees: all of them fit into a model's file


class Labelled(NamedTuple):
    """Rows, whether each was fraud, and how much each counts; None: all the same."""

    values: Any
    fraud: Any
    weight: Any


def main(job: Path) -> None:
    """Fit what the job says, and write the dump beside it."""
    told = json.loads(job.read_text())
    with np.load(told["data"]) as data:
        rows = Labelled(data["rows"], data["fraud"], data.get("weight"))
    dump = FITS[told["kind"]](rows, told["seed"], told["threads"])
    Path(told["dump"]).write_text(json.dumps(dump))


def boosting(rows: Labelled, seed: int, threads: int) -> Any:
    """LightGBM's gradient boosting; its dump."""
    import lightgbm

    params = {
        "objective": "binary",
        "num_leaves": 31,
        "learning_rate": 0.05,
        "min_data_in_leaf": 30,
        "feature_fraction": 0.7,
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "lambda_l2": 5.0,
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,  # else the way of summing is chosen by what takes less time
        "num_threads": threads,
        "verbosity": -1,
    }
    data = lightgbm.Dataset(rows.values, rows.fraud, weight=rows.weight)
    return lightgbm.train(params, data, 150).dump_model()


def forest(rows: Labelled, seed: int, threads: int) -> Any:
    """scikit-learn's random forest; its arrays."""
    from sklearn.ensemble import RandomForestClassifier

    return _fitted(RandomForestClassifier, 0.4, rows, seed, threads)


def extra_trees(rows: Labelled, seed: int, threads: int) -> Any:
    """scikit-learn's extremely randomized trees; their arrays."""
    from sklearn.ensemble import ExtraTreesClassifier

    return _fitted(ExtraTreesClassifier, 0.8, rows, seed, threads)


def _fitted(make: Any, features: float, rows: Labelled, seed: int, threads: int) -> Any:
    """`features` is the share of the inputs that a split chooses from."""
    classifier = make(
        TREES,
        max_leaf_nodes=LEAVES,
        min_samples_leaf=3,
        max_features=features,
        random_state=seed,
        n_jobs=threads,
    )
    return arrays(classifier.fit(rows.values, rows.fraud, sample_weight=rows.weight))


def isolation(rows: Labelled, seed: int, threads: int) -> Any:
    """scikit-learn's isolation forest, which doesn't look at labels; its arrays."""
    from sklearn.ensemble import IsolationForest

    fitted = IsolationForest(n_estimators=100, max_samples=256, random_state=seed, n_jobs=threads)
    return arrays(fitted.fit(rows.values, sample_weight=rows.weight))


FITS: Final = {
    "boosting": boosting,
    "forest": forest,
    "extra_trees": extra_trees,
    "isolation": isolation,
}

if __name__ == "__main__":
    main(Path(sys.argv[1]))
