"""Training sets to judge models on, and what stands in for training."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from risk.engine.models.format import Kind, ModelFile
from risk.ops.models.build import model_file
from risk.ops.models.calibration import probability
from risk.ops.models.sets.rows import Row
from risk.ops.models.sets.terms import Terms
from risk.ops.models.sets.training_set import TrainingSet, load
from risk.ops.models.train import Rows
from tests.unit.ops.models.sets import DAY, NOON, row, written

DAYS = 40
TERMS = Terms(begin=NOON, to=NOON + DAYS * DAY, as_of=NOON + 60 * DAY, mature=7 * DAY)
HALF = 1 << 31
VERSIONS = {"python": "3.11.0", "lightgbm": "4.7.0"}


def payments(count: int = 2_000, seed: int = 3) -> list[Row]:
    """Fraud has a higher `user_count_5m`, mostly; a verdict is known two days later."""
    rng = np.random.default_rng(seed)
    times = NOON + np.sort(rng.integers(0, DAYS * DAY, count))
    found = []
    for number, time in enumerate(times.tolist()):
        fraud = rng.random() < 0.06
        many = int(rng.poisson(6 if fraud else 2))
        amount = int(rng.integers(100, 20_000))
        said = {"verdict": "fraud", "known_at": time + 2 * DAY} if fraud else {}
        found.append(
            row(
                number,
                time,
                user_id=f"u-{number % 300}",
                country=("DE", "FR", "", "NL")[min(int(rng.exponential(1)), 3)],
                channel=("web", "pos")[int(rng.integers(2))],
                inputs=(amount, 12, many, round(float(rng.random()), 4), bool(rng.integers(2))),
                **said,
            )
        )
    return found


def stored(folder: Path, rows: Sequence[Row] | None = None, terms: Terms = TERMS) -> Path:
    """Those in files."""
    return written(folder / "set.parquet", payments() if rows is None else rows, terms)


def loaded(folder: Path, rows: Sequence[Row] | None = None, terms: Terms = TERMS) -> TrainingSet:
    """Those, read."""
    return load(stored(folder, rows, terms))


def trainer(name: str, kind: str, rows: Rows, seed: int) -> ModelFile:
    """Stumps: each count above so many adds to how likely fraud is. The seed moves one of them."""
    names = [one.input.name for one in rows.columns]
    at = names.index("user_count_5m")
    step = HALF // 4
    trees = tuple(
        ((at, threshold, 1, 2, step // 2), (0,), (step,))
        for threshold in (1, 2, 3, 4, 5, 6, 7, 8 + seed % 2)
    )
    own: Kind = "isolation" if kind == "isolation" else "forest"
    return model_file(name, own, rows.columns, trees, probability(), kind)


def versions() -> dict[str, str]:
    """Of libraries that aren't there."""
    return VERSIONS
