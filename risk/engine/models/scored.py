"""What a ruleset's models say of one payment, as rules, reasons and messages ask for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple, Protocol

from msgspec import UNSET, UnsetType

from risk.engine.messages import Contribution
from risk.engine.models.inputs import Event
from risk.engine.models.model import Batch, Model
from risk.engine.models.rollout import NO_ROLLOUTS, Rollouts

NOTHING: Final[Mapping[str, int]] = MappingProxyType({})


class Decider(NamedTuple):
    """What gave a score: the model, unset if it had no challenger, and its file's `mark`."""

    by: str | UnsetType = UNSET
    file: str | UnsetType = UNSET


class Scored(Protocol):
    """The scores by name of the model; and what moved one, for those that ask."""

    @property
    def scores(self) -> Mapping[str, int]:
        """0 to 1000 each."""
        raise NotImplementedError

    def contributions(self, name: str) -> tuple[Contribution, ...]:
        """The largest contributions to a model's margin."""
        raise NotImplementedError

    def decided(self, name: str) -> Decider:
        """What gave a model's score."""
        raise NotImplementedError


class Given:
    """Scores that are given, as in a rule's test, with nothing behind them."""

    def __init__(self, scores: Mapping[str, int] = NOTHING) -> None:
        self.scores: Final = scores

    def contributions(self, name: str) -> tuple[Contribution, ...]:
        """None."""
        return ()

    def decided(self, name: str) -> Decider:
        """Nothing."""
        return Decider()


UNSCORED: Final[Scored] = Given()


class _Part(NamedTuple):
    """What one model makes of payments of a batch; `at` has each one's line in what it says."""

    model: Model
    batch: Batch
    at: range | Mapping[int, int]

    def score(self, index: int) -> int:
        """Of the payment that stands there in the batch."""
        return self.batch.scores[self.at[index]]


class _OfBatch:
    """One payment of a batch. Contributions are worked out when somebody asks.

    `chosen` says for each name which model answers.
    """

    def __init__(
        self,
        parts: Mapping[str, _Part],
        chosen: Mapping[str, str],
        rollouts: Rollouts,
        index: int,
        event: Event,
    ) -> None:
        self._parts, self._chosen, self._rollouts = parts, chosen, rollouts
        self._index, self._event = index, event
        self.scores: Final = {name: parts[model].score(index) for name, model in chosen.items()}
        self._told: dict[str, tuple[Contribution, ...]] = {}  # a reason and the message both ask

    def contributions(self, name: str) -> tuple[Contribution, ...]:
        if name not in self._told:
            part = self._parts[self._chosen[name]]
            leaves = part.batch.leaves[part.at[self._index]]
            self._told[name] = part.model.told(leaves, self._event)
        return self._told[name]

    def decided(self, name: str) -> Decider:
        model = self._chosen[name]
        return Decider(model if name in self._rollouts else UNSET, self._parts[model].model.mark)


def score_all(
    models: Mapping[str, Model],
    events: Sequence[Event],
    rollouts: Rollouts = NO_ROLLOUTS,
    asked: Collection[str] | None = None,
) -> Sequence[Scored]:
    """What models say of payments, all of them at once, in their order.

    Only those that are `asked` (default: all). Where one has a challenger, each payment is given to
    one of the two, and each model gets all of its payments at once.
    """
    names = models if asked is None else asked
    contested = {name: one for name, one in rollouts.items() if name in names}
    alone = {name: name for name in names}
    chosen: Sequence[Mapping[str, str]] = [alone] * len(events)
    every = range(len(events))
    parts = {
        name: _Part(models[name], models[name].batch(events), every)
        for name in names
        if name not in contested
    }
    if contested:
        chosen = [alone | _drawn(contested, txn.user_id) for _, txn in events]
        for name, lines in _shares(contested, chosen).items():
            if name not in parts:  # else it is asked of every payment anyway
                batch = models[name].batch([events[index] for index in lines])
                parts[name] = _Part(models[name], batch, {at: n for n, at in enumerate(lines)})
    return [
        _OfBatch(parts, own, contested, index, event)
        for index, (own, event) in enumerate(zip(chosen, events, strict=True))
    ]


def _drawn(rollouts: Rollouts, user_id: str) -> dict[str, str]:
    """For each model with a challenger, which of the two answers for a user."""
    return {name: one.challenger if one.draws(user_id) else name for name, one in rollouts.items()}


def _shares(rollouts: Rollouts, chosen: Sequence[Mapping[str, str]]) -> dict[str, list[int]]:
    """Champions and challengers, each with the payments of a batch that it answers for."""
    found: dict[str, dict[int, None]] = {}
    for index, own in enumerate(chosen):
        for name in rollouts:
            found.setdefault(own[name], {})[index] = None
    return {model: list(lines) for model, lines in found.items()}


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
