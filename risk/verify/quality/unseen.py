"""Which payments of a set models are judged on: those that none of them can have learnt from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from risk.audit.moments import shown
from risk.errors import UserError
from risk.ops.models.sets.training_set import TrainingSet
from risk.verify.quality.card import Card, beside, read_card
from risk.verify.quality.evaluation import Asked
from risk.verify.quality.model_scores import Loaded


class Unseen(NamedTuple):
    """The payments to judge on, the cards of the models, and what has to be said of it."""

    found: TrainingSet
    cards: list[Card | None]
    notes: list[str]


def unseen(found: TrainingSet, models: Sequence[Loaded], every: bool = False) -> Unseen:
    """Payments from the latest cut of the models' cards on, or all if `every`.

    Raises `UserError` if none are left, or if all or none of them are fraud.
    """
    cards = [read_card(one) for one in models]
    notes = [
        f"{beside(one.path)} is no card of {one.path}: it can't be told what that has learnt from"
        for one, card in zip(models, cards, strict=True)
        if card is None
    ]
    cut = max((card.cut for card in cards if card is not None), default=0)
    mask = found.event_time >= cut
    before = int((~mask).sum())
    if every and before:
        notes.append(f"{before:,} payments are from before {shown(cut)}: a model may know them")
    elif before == len(mask):
        raise UserError(
            f"{found.path}: all {before:,} payments are from before {shown(cut)}, up to when a "
            "model has learnt: build a set of a later time, or judge it on these with --all"
        )
    elif before:
        notes.append(f"left out are {before:,} payments from before {shown(cut)}: see --all")
        found = found.where(mask)
    frauds, payments = int(found.fraud.sum()), len(found.fraud)
    if not 0 < frauds < payments:
        raise UserError(
            f"{found.path}: {frauds:,} of {payments:,} payments to judge on are fraud: build a set "
            "of a longer time"
        )
    return Unseen(found, cards, notes)


class Threshold(NamedTuple):
    """The score from which payments are flagged, None for the best, and where it comes from."""

    score: int | None
    by: str


def threshold(asked: Asked, card: Card | None) -> Threshold:
    """What was asked for, else what the card says, else the best on these payments."""
    if asked.threshold is not None:
        return Threshold(asked.threshold, "option")
    return Threshold(None, "best") if card is None else Threshold(card.threshold, "card")
