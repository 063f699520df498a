"""The bins in which two samples of a feature are compared: the reference's alone make them."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from risk.verify.drift.measures import Numbers

DECILES: Final = np.arange(1, 10) / 10
MOST_VALUES: Final = 20  # so many distinct whole numbers have a bin each


class Bins(NamedTuple):
    """Bins by value, each of `edges` one and a last for all others; or up to each edge, included.

    Those up to an edge are the reference's deciles. Equal ones are one, so that a value that half
    of the payments have, as zero often is, has a single bin.
    """

    edges: Numbers
    by_value: bool

    @staticmethod
    def of(reference: Numbers, whole: bool) -> Bins:
        """The bins for a reference; `whole`: it holds whole numbers or booleans alone.

        Raises `ValueError` if it is empty.
        """
        if not len(reference):
            raise ValueError("no values")
        values = np.unique(reference)
        if whole and len(values) <= MOST_VALUES:
            return Bins(values, by_value=True)
        return Bins(np.unique(np.quantile(reference, DECILES, method="inverted_cdf")), False)

    def shares(self, values: Numbers) -> Numbers:
        """The share of the values in each bin, one more than there are edges."""
        at = np.searchsorted(self.edges, values, side="left")
        if self.by_value:
            known = self.edges[np.minimum(at, len(self.edges) - 1)] == values
            at = np.where(known, at, len(self.edges))
        return np.bincount(at, minlength=len(self.edges) + 1) / max(1, len(values))
