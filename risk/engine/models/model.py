"""A model of a ruleset, ready to score payments."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np

from risk.engine.messages import MAX_CONTRIBUTIONS, MODEL_FILE_DIGITS, Contribution
from risk.engine.models import contributions
from risk.engine.models.format import Kind, ModelFile
from risk.engine.models.inputs import Event, Offered, value_of
from risk.engine.models.masks import fits
from risk.engine.models.nodes import Ints, Nodes, flat
from risk.engine.models.quickscorer import QuickScorer
from risk.engine.models.walk import Walk


class Batch(NamedTuple):
    """What a model makes of some payments: for each its score, 0 to 1000, and its margin.

    `leaves` has a line for each payment.
    """

    scores: list[int]
    margins: list[int]
    leaves: Ints


class Model:
    """A model. Its file has passed all checks, and the ruleset has all its inputs.

    `digest` is the SHA-256 (hex) of the file's `text`, and `mark` how that begins. `offered` are
    the ruleset's features. Tables are made when they are first needed.
    """

    def __init__(self, file: ModelFile, text: str, offered: Mapping[str, Offered]) -> None:
        self.file: Final = file
        self.text: Final = text
        self.digest: Final = hashlib.sha256(text.encode()).hexdigest()
        self.mark: Final = self.digest[:MODEL_FILE_DIGITS]
        self.offered: Final = offered
        self._margins = np.array(file.calibration.margins, np.int64)
        self._scores = np.array(file.calibration.scores, np.int64)

    @property
    def name(self) -> str:
        """What rules call it."""
        return self.file.name

    @property
    def kind(self) -> Kind:
        """What sort of ensemble it is."""
        return self.file.kind

    @cached_property
    def _nodes(self) -> Nodes:
        return flat(self.file.trees)

    @cached_property
    def _values(self) -> Ints:
        return self._nodes.leaf_values

    @cached_property
    def _contributions(self) -> Ints:
        return contributions.table(self._nodes, len(self.file.inputs))

    @cached_property
    def evaluator(self) -> QuickScorer | Walk:
        """What finds the leaves: masks, or a walk where these would be too large."""
        return QuickScorer(self._nodes) if fits(self._nodes) else Walk(self._nodes)

    def prepare(self) -> None:
        """Make all tables: it takes up to some tenths of a second."""
        self.evaluator.leaves(np.zeros((1, len(self.file.inputs)), np.int64))
        self.contributions(self._nodes.leaf_at[self._nodes.roots])

    @property
    def expected(self) -> int:
        """The margin before anything is known: of the roots, and the base."""
        return self.file.base + sum(tree[0][-1] for tree in self.file.trees)

    def rows(self, rows: Ints) -> Batch:
        """Score rows of inputs, all at once."""
        leaves = self.evaluator.leaves(rows)
        margins = self._values[leaves].sum(axis=1) + self.file.base
        scores = self._scores[np.searchsorted(self._margins, margins, side="right")]
        return Batch(scores.tolist(), margins.tolist(), leaves)

    def contributions(self, leaves: Ints) -> list[int]:
        """What each input added to the margin of a row that came to these leaves, times 2^32."""
        found: list[int] = self._contributions[leaves].sum(axis=0).tolist()
        return found

    def told(self, leaves: Ints, event: Event) -> tuple[Contribution, ...]:
        """The largest contributions, largest first; of equal ones that of the earlier input."""
        found = self.contributions(leaves)
        smallness = [-abs(one) for one in found]
        order = sorted(range(len(found)), key=smallness.__getitem__)[:MAX_CONTRIBUTIONS]
        names = self.file.inputs
        return tuple(
            Contribution(names[index].name, value_of(names[index], event), points)
            for index in order
            if (points := contributions.thousandths(found[index]))
        )
