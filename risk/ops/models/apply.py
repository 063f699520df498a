"""A model on many rows of its inputs."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from risk.engine.models.model import Model

AT_ONCE: Final = 2_000  # payments


def scores(model: Model, whole: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """What the model makes of each row, 0 to 1000; a column for each of its inputs."""
    parts = [model.rows(whole[at : at + AT_ONCE]).scores for at in range(0, len(whole), AT_ONCE)]
    return np.array([one for part in parts for one in part], np.int64)
