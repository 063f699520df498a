"""Payments drawn anew, user by user: how much a figure owes to who happened to pay.

A score has few values, so all that figures need is how many frauds and how many honest payments
have each. Drawing users is then counting with weights, and everything after it is done for all
resamples at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from risk.engine.messages import MAX_MODEL_SCORE

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
SCORES = MAX_MODEL_SCORE + 1


class Part(NamedTuple):
    """Some payments by column: score, whether it was fraud (1 or 0), number of the user, and worth.

    `worth` is what is lost with it if it is fraud, in minor units. `weight` is how many payments
    each stands for; None: for itself alone.
    """

    score: Ints
    fraud: Ints
    user: Ints
    worth: Ints
    weight: Floats | None = None

    def where(self, mask: npt.NDArray[np.bool_]) -> Part:
        """Some of them."""
        weight = None if self.weight is None else self.weight[mask]
        return Part(self.score[mask], self.fraud[mask], self.user[mask], self.worth[mask], weight)


class Histograms(NamedTuple):
    """A row for the payments as they are, then one for each resample; a column for each score.

    `lost` is what frauds were worth.
    """

    fraud: Floats
    honest: Floats
    lost: Floats


def histograms(parts: Sequence[Part], resamples: int, seed: int) -> list[Histograms]:
    """Those of each part, all under the same draws: so their differences are paired.

    As many users are drawn as there are, with replacement, and each brings all of its payments.
    The order of payments has no part in it, if users are numbered by their ids.
    """
    numbers = np.unique(np.concatenate([part.user for part in parts]))
    users = len(numbers)
    rng = np.random.default_rng(seed)
    cells = [part.fraud * SCORES + part.score for part in parts]
    owners = [np.searchsorted(numbers, part.user) for part in parts]
    frauds = [np.flatnonzero(part.fraud) for part in parts]
    found = [
        Histograms(*(np.zeros((1 + resamples, SCORES)) for _ in Histograms._fields)) for _ in parts
    ]
    for row in range(1 + resamples):
        drawn = rng.integers(0, users, users) if row else np.arange(users)
        weights = np.bincount(drawn, minlength=users).astype(np.float64)
        for part, cell, owner, fraud, one in zip(parts, cells, owners, frauds, found, strict=True):
            own = weights[owner] if part.weight is None else weights[owner] * part.weight
            counts = np.bincount(cell, own, 2 * SCORES)
            one.honest[row], one.fraud[row] = counts[:SCORES], counts[SCORES:]
            lost = own[fraud] * part.worth[fraud]
            one.lost[row] = np.bincount(part.score[fraud], lost, SCORES)
    return found
