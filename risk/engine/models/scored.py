"""What a ruleset's models say of one payment, as rules, reasons and messages ask for it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple, Protocol

from msgspec import UNSET, UnsetType

from risk.engine.messages import Contribution

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
