"""The models of a ruleset together: an input that several look at is read once for all of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

from msgspec import UNSET

from risk.engine.messages import Contribution
from risk.engine.models.inputs import Event, Reader
from risk.engine.models.model import Batch, Model
from risk.engine.models.nodes import Ints
from risk.engine.models.rollout import NO_ROLLOUTS, Rollouts
from risk.engine.models.scored import UNSCORED, Decider, Scored

Told = dict[str, tuple[Contribution, ...]]
Lines = range | Mapping[int, int]  # where in what a model says each payment of a batch stands


class _Part(NamedTuple):
    """What one model makes of payments of a batch."""

    batch: Batch
    at: Lines


class _OfBatch:
    """One payment of a batch. Contributions are worked out when somebody asks.

    `chosen` says for each name which model answers.
    """

    __slots__ = ("_chosen", "_event", "_index", "_panel", "_parts", "_told", "scores")

    def __init__(
        self,
        panel: Panel,
        parts: Mapping[str, _Part],
        chosen: Mapping[str, str],
        index: int,
        event: Event,
        scores: Mapping[str, int],
    ) -> None:
        self._panel, self._parts, self._chosen = panel, parts, chosen
        self._index, self._event = index, event
        self.scores = scores
        self._told: Told | None = None  # a reason and the message both ask

    def contributions(self, name: str) -> tuple[Contribution, ...]:
        if self._told is None:
            self._told = {}
        if name not in self._told:
            model = self._chosen[name]
            batch, at = self._parts[model]
            leaves = batch.leaves[at[self._index]]
            self._told[name] = self._panel.models[model].told(leaves, self._event)
        return self._told[name]

    def decided(self, name: str) -> Decider:
        return self._panel.deciders[name, self._chosen[name]]


class Panel:
    """Models that are `asked` (default: all), each by itself or, in `rollouts`, by its challenger
    for a share of the users. `deciders` are by the asked name and the model that answers.
    """

    def __init__(
        self,
        models: Mapping[str, Model],
        rollouts: Rollouts = NO_ROLLOUTS,
        asked: Collection[str] | None = None,
    ) -> None:
        names = tuple(models if asked is None else asked)
        self.models: Final = models
        self._contested = {name: one for name, one in rollouts.items() if name in names}
        self._alone = {name: name for name in names}
        self._steady = tuple(name for name in names if name not in self._contested)
        contestants = [(name, one.challenger) for name, one in self._contested.items()]
        self.deciders: Final = {
            **{(name, name): Decider(UNSET, models[name].mark) for name in self._steady},
            **{(two[0], own): Decider(own, models[own].mark) for two in contestants for own in two},
        }
        used = [models[own] for own in dict.fromkeys(own for _, own in self.deciders)]
        inputs = list(dict.fromkeys(one for model in used for one in model.file.inputs))
        offered = {name: one for model in used for name, one in model.offered.items()}
        self._reader = Reader(inputs, offered)
        self._columns = {
            model.name: None
            if model.file.inputs == tuple(inputs)
            else [inputs.index(one) for one in model.file.inputs]
            for model in used
        }

    def scored(self, events: Sequence[Event]) -> Sequence[Scored]:
        """What models say of payments, all of them at once, in their order.

        Where one has a challenger, each payment is given to one of the two, and each model gets
        all of its payments at once.
        """
        if not (self.deciders and events):
            return [UNSCORED] * len(events)
        rows = self._reader.rows(events)
        every = range(len(events))
        parts = {name: _Part(self._say(name, rows), every) for name in self._steady}
        if not self._contested:
            names, said = self._steady, [part.batch.scores for part in parts.values()]
            return [
                _OfBatch(self, parts, self._alone, index, event, dict(zip(names, own, strict=True)))
                for index, (event, own) in enumerate(
                    zip(events, zip(*said, strict=True), strict=True)
                )
            ]
        chosen = [self._alone | _drawn(self._contested, txn.user_id) for _, txn in events]
        for name, lines in _shares(self._contested, chosen).items():
            if name not in parts:  # else it is asked of every payment anyway
                at = {index: line for line, index in enumerate(lines)}
                parts[name] = _Part(self._say(name, rows[lines]), at)
        return [
            _OfBatch(self, parts, own, index, event, _scores(parts, own, index))
            for index, (own, event) in enumerate(zip(chosen, events, strict=True))
        ]

    def _say(self, name: str, rows: Ints) -> Batch:
        columns = self._columns[name]
        return self.models[name].rows(rows if columns is None else rows[:, columns])


def _scores(parts: Mapping[str, _Part], chosen: Mapping[str, str], index: int) -> dict[str, int]:
    """Of one payment, by the asked name."""
    return {
        name: parts[model].batch.scores[parts[model].at[index]] for name, model in chosen.items()
    }


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
