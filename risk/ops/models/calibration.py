"""Tables from margins to scores, made once, when a model is exported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from math import ceil, log

import msgspec
import numpy as np

from risk.engine.messages import MAX_MODEL_SCORE
from risk.engine.models.format import SCALE_BITS, Calibration, ModelFile, encode
from risk.engine.models.inputs import Offered
from risk.engine.models.model import Model
from risk.ops.models.columns import Column


def sigmoid(slope: float = 1.0) -> Calibration:
    """Of log-odds: the probability, in thousandths. `slope` is what the margin is multiplied by."""
    return _rounded(lambda share: log(share / (1 - share)) / slope)


def probability() -> Calibration:
    """Of a probability: itself, in thousandths."""
    return _rounded(lambda share: share)


def path_length(usual: float) -> Calibration:
    """Of the length of a path, negated: 2^(-length / usual), in thousandths.

    `usual` is the mean length in a tree of as many samples.
    """
    return _rounded(lambda share: usual * log(share) / log(2))


def by_rank(
    file: ModelFile, columns: Sequence[Column], rows: Sequence[Sequence[float]]
) -> ModelFile:
    """The same model, a score now the thousandths of these rows whose margin is lower.

    `rows` are data as the model was trained on, a number for each column. So
    `anomaly("spend") > 990` is true of the most unusual hundredth of them.
    """
    offered = {one.input.feature: Offered(one.type, one.input.digest) for one in columns}
    whole = [[one.whole(v) for one, v in zip(columns, row, strict=True)] for row in rows]
    margins = Model(file, encode(file), offered).rows(np.array(whole, np.int64)).margins
    found: dict[int, int] = {}  # the least margin of each score
    below = 0
    for margin, count in sorted(Counter(margins).items()):
        below += count
        found.setdefault(MAX_MODEL_SCORE * below // len(margins), margin + 1)
    found.pop(0, None)
    table = Calibration(tuple(found.values()), (0, *found))
    return msgspec.structs.replace(file, calibration=table)


def _rounded(margin: Callable[[float], float]) -> Calibration:
    """Each score from where the share rounds to it; `margin` gives the margin of a share."""
    shares = [(score - 0.5) / MAX_MODEL_SCORE for score in range(1, MAX_MODEL_SCORE + 1)]
    margins = [ceil(Fraction(margin(share)) * 2**SCALE_BITS) for share in shares]
    return Calibration(tuple(margins), tuple(range(MAX_MODEL_SCORE + 1)))
