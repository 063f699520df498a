"""How far two distributions are apart: numbers of effect, none of them a p-value.

With many payments the smallest difference is significant, so significance says nothing here.
"""

from __future__ import annotations

import math
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[Any]

FLOOR: Final = 1e-4  # the share that an empty bin counts as
Z_95: Final = 1.959963984540054  # the normal distribution's quantile for 95 %, both sides


class ShareInterval(msgspec.Struct, frozen=True):
    """A share and the interval that it lies in, all from 0 to 1."""

    share: float
    low: float
    high: float


def psi(reference: Numbers, current: Numbers) -> float:
    """The population stability index of two lists of shares, bin by bin; from 0 up.

    PSI = Σ (c - r) · ln(c / r), where a share below `FLOOR` counts as that, so that an empty bin
    is not infinitely far away. No term is negative, whatever the shares add up to. Siddiqi, Credit
    Risk Scorecards (2006), which also has the usual bounds: up to 0.1 no change, from 0.25 a large
    one. Of equal populations it is about (bins - 1) · (1/n + 1/m) (Yurdakul and Naranjo, 2020).
    """
    r, c = np.maximum(reference, FLOOR), np.maximum(current, FLOOR)
    return float(np.sum((c - r) * np.log(c / r)))


def ks(reference: Numbers, current: Numbers) -> float:
    """The two-sample Kolmogorov-Smirnov statistic of two lists of values; from 0 to 1.

    D = max |F(x) - G(x)| over all x, F and G the empirical distribution functions (Smirnov, 1948).
    Raises `ValueError` if one of them is empty.
    """
    if not len(reference) or not len(current):
        raise ValueError("no values")
    r, c = np.sort(reference), np.sort(current)
    at = np.concatenate((r, c))
    f = np.searchsorted(r, at, side="right") / len(r)
    g = np.searchsorted(c, at, side="right") / len(c)
    return float(np.max(np.abs(f - g)))


def total_variation(reference: Numbers, current: Numbers) -> float:
    """Half the sum of the differences between two lists of shares; from 0 to 1.

    It is the largest difference between the probabilities that the two give to any event (Levin and
    Peres, Markov Chains and Mixing Times, chapter 4): of two shares, simply their difference.
    """
    return float(np.sum(np.abs(current - reference)) / 2)


def wilson(hits: int, of: int) -> ShareInterval:
    """Wilson's 95 % score interval of a share (Wilson, 1927): right for few and for extreme ones.

    Raises `ValueError` of nothing.
    """
    if of <= 0 or not 0 <= hits <= of:
        raise ValueError(f"{hits} of {of}")
    share, z2 = hits / of, Z_95 * Z_95
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = Z_95 * math.sqrt(share * (1 - share) / of + z2 / (4 * of * of)) / (1 + z2 / of)
    return ShareInterval(
        share, max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half))
    )
