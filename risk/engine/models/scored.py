"""What a ruleset's models say of one payment, as rules, reasons and messages ask for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, Protocol

from risk.engine.messages import Contribution
from risk.engine.models.inputs import Event
from risk.engine.models.model import Batch, Model

NOTHING: Final[Mapping[str, int]] = MappingProxyType({})


class Scored(Protocol):
    """The scores by name of the model; and what moved one, for those that ask."""

    @property
    def scores(self) -> Mapping[str, int]:
        """0 to 1000 each."""
        raise NotImplementedError

    def contributions(self, name: str) -> tuple[Contribution, ...]:
        """The largest contributions to a model's margin."""
        raise NotImplementedError


class Given:
    """Scores that are given, as in a rule's test, with nothing behind them."""

    def __init__(self, scores: Mapping[str, int] = NOTHING) -> None:
        self.scores: Final = scores

    def contributions(self, name: str) -> tuple[Contribution, ...]:
        """None."""
        return ()


UNSCORED: Final[Scored] = Given()


class _OfBatch:
    """One payment of a batch. Contributions are worked out when somebody asks."""

    def __init__(
        self,
        models: Mapping[str, Model],
        batches: Mapping[str, Batch],
        index: int,
        event: Event,
    ) -> None:
        self._models, self._batches, self._index, self._event = models, batches, index, event
        self.scores: Final = {name: batch.scores[index] for name, batch in batches.items()}
        self._told: dict[str, tuple[Contribution, ...]] = {}  # a reason and the message both ask

    def contributions(self, name: str) -> tuple[Contribution, ...]:
        if name not in self._told:
            leaves = self._batches[name].leaves[self._index]
            self._told[name] = self._models[name].told(leaves, self._event)
        return self._told[name]


def score_all(models: Mapping[str, Model], events: Sequence[Event]) -> Sequence[Scored]:
    """What the models say of payments, all of them at once, in their order."""
    batches = {name: model.batch(events) for name, model in models.items()}
    return [_OfBatch(models, batches, index, event) for index, event in enumerate(events)]


def in_words(contribution: Contribution) -> str:
    """A contribution as a reason shows it: `terminal_frauds_28d 4: +312`."""
    value = contribution.value
    if isinstance(value, bool):
        shown = "true" if value else "false"
    elif isinstance(value, float):
        shown = f"{value:.4f}".rstrip("0").rstrip(".")
    else:
        shown = str(value)
    return f"{contribution.input} {shown}: {contribution.points:+d}"
