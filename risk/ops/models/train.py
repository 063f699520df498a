"""Trains a model on rows of a ruleset's inputs, in an environment of its own."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from risk.engine.models.format import ModelFile
from risk.errors import UserError
from risk.ops.models import calibration, lightgbm, scikit_learn
from risk.ops.models.columns import Column
from risk.paths import ROOT

PYTHON: Final = ROOT / ".venv-train" / "bin" / "python"
KINDS: Final = ("boosting", "forest", "extra_trees", "isolation")
SAMPLES: Final = 256  # of each tree of an isolation forest
RANKED: Final = 20_000  # rows that say what is unusual
LAST_LINES: Final = 3
LIBRARIES: Final = ("lightgbm", "numpy", "scikit-learn")
TELL: Final = """\
import importlib.metadata, json, platform, sys
versions = {name: importlib.metadata.version(name) for name in sys.argv[1:]}
print(json.dumps({"python": platform.python_version(), **versions}))
"""


class Rows(NamedTuple):
    """What a model is trained on: a column for each input, and whether each row was fraud.

    `weight` is how much each counts; None: all the same.
    """

    columns: Sequence[Column]
    values: npt.NDArray[np.float64]
    fraud: npt.NDArray[np.int64]
    weight: npt.NDArray[np.float64] | None = None


def libraries() -> dict[str, str]:
    """The versions of what trains, Python's among them. Raises `UserError` without it."""
    _need()
    done = subprocess.run(
        (str(PYTHON), "-c", TELL, *LIBRARIES), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise UserError(f"{PYTHON.parents[1]} is incomplete: `make setup-train` makes it anew")
    found: dict[str, str] = json.loads(done.stdout)
    return found


def train(name: str, kind: str, rows: Rows, seed: int = 7, threads: int = 2) -> ModelFile:
    """A model of one of `KINDS`, ready for a ruleset's folder.

    Raises `UserError` without the environment, without frauds, or if the library fails.
    """
    _need()
    if kind not in KINDS:
        raise UserError(f"{kind}: a model is one of {', '.join(KINDS)}")
    if kind != "isolation" and not 0 < int(rows.fraud.sum()) < len(rows.fraud):
        raise UserError(
            f"{int(rows.fraud.sum())} of {len(rows.fraud)} rows are fraud: nothing to learn"
        )
    with tempfile.TemporaryDirectory() as folder:
        dump = _fitted(Path(folder), kind, rows, seed, threads)
    about = f"{kind}, trained on {len(rows.fraud)} payments, {int(rows.fraud.sum())} of them fraud"
    if kind == "boosting":
        return lightgbm.from_dump(name, rows.columns, dump, about)
    if kind == "isolation":
        samples = min(SAMPLES, len(rows.fraud))
        file = scikit_learn.isolation(name, rows.columns, dump, samples, about)
        some = np.linspace(0, len(rows.fraud) - 1, min(RANKED, len(rows.fraud))).astype(int)
        return calibration.by_rank(file, rows.columns, rows.values[some].tolist())
    return scikit_learn.forest(name, rows.columns, dump, about)


def _need() -> None:
    if not PYTHON.exists():
        raise UserError("no environment to train in: `make setup-train` makes it")


def _fitted(folder: Path, kind: str, rows: Rows, seed: int, threads: int) -> Any:
    """What the library made of the rows, as it dumps it."""
    data, dump, job = folder / "rows.npz", folder / "dump.json", folder / "job.json"
    weighed = {} if rows.weight is None else {"weight": rows.weight}
    np.savez(data, rows=rows.values, fraud=rows.fraud, **weighed)
    told = {"kind": kind, "data": str(data), "dump": str(dump), "seed": seed, "threads": threads}
    job.write_text(json.dumps(told))
    done = subprocess.run(
        (str(PYTHON), "-m", "risk.ops.models.fit", str(job)),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode or not dump.exists():
        why = " / ".join(done.stderr.strip().splitlines()[-LAST_LINES:])
        raise UserError(f"training of {kind} failed: {why or done.returncode}")
    return json.loads(dump.read_text())
