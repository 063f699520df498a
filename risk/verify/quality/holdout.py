"""A training set in two by time: what a model may learn from, and what it is judged on. Pure."""

from __future__ import annotations

from typing import NamedTuple

from risk.audit.moments import shown
from risk.engine.features.catalogue import DAY, SECOND
from risk.errors import UserError
from risk.ops.models.sets.training_set import TrainingSet


class Parts(NamedTuple):
    """What was known at `cut` (ms UTC), when the held-out days begin, and the payments of these.

    `omitted` payments are in neither: they had not matured by then.
    """

    cut: int
    learnt: TrainingSet
    held_out: TrainingSet
    omitted: int


def split(found: TrainingSet, share: float, period: int = DAY) -> Parts:
    """Hold out the last days, that share of all that have payments or lie between such.

    Where a set is of a shorter time, take another `period` than a day, in ms.

    As somebody would who trains when the held-out days begin: with payments that have matured, and
    verdicts that are known by then. Raises `UserError` if a part has no fraud, or nothing else.
    """
    return split_at(found, _cut(found, share, period), period)


def split_at(found: TrainingSet, cut: int, period: int = DAY) -> Parts:
    """Hold out what is from the `cut` (ms UTC) on. Raises `UserError` as `split` does."""
    mature = found.manifest.terms.mature
    old = found.event_time <= cut - mature
    held = found.event_time >= cut
    matured = found.where(old)
    learnt = matured.as_of(cut)
    later = int((matured.fraud[learnt.known_at < 0]).sum())
    if not old.any():
        raise UserError(
            f"{found.path}: it has {_told(_count(found, period), period)}; the last are held out "
            f"from {shown(cut)} on, no payment had matured by then, {_length(mature)} after it: "
            "build a set of a longer time, or with a shorter --mature, or take a shorter --period"
        )
    if later and not learnt.fraud.any():
        raise UserError(
            f"{found.path}: of the payments to learn from {later:,} are fraud, but no verdict "
            f"stood in risk.feedback by {shown(cut)}, when the held-out days begin: send what was "
            "known earlier as an import (`risk label --source import --from FILE`), and build the "
            "set anew"
        )
    parts = Parts(cut, learnt, found.where(held), int((~old & ~held).sum()))
    for what, one in (("learnt from", parts.learnt), ("held out", parts.held_out)):
        frauds = int(one.fraud.sum())
        if not 0 < frauds < len(one.fraud):
            raise UserError(
                f"{found.path}: {frauds:,} of {len(one.fraud):,} payments that are {what} are "
                f"fraud (held out is from {shown(cut)} on): build a set of a longer time, or take "
                "another --holdout"
            )
    return parts


def trial(
    learnt: TrainingSet, share: float, period: int = DAY
) -> tuple[TrainingSet, TrainingSet] | None:
    """What may be learnt from in two by time, the last days for choosing a threshold.

    The first part is, as `split` has it, what was known when the second begins. None where one of
    the two would have no fraud, or nothing else.
    """
    cut = _cut(learnt, share, period)
    matured = learnt.event_time <= cut - learnt.manifest.terms.mature
    earlier = learnt.where(matured).as_of(cut)
    later = learnt.where(learnt.event_time >= cut)
    if all(0 < int(one.fraud.sum()) < len(one.fraud) for one in (earlier, later)):
        return earlier, later
    return None


def _cut(found: TrainingSet, share: float, period: int) -> int:
    """When the last periods begin, that share of all from the first payment to the last; ms UTC."""
    last = int(found.event_time[-1]) // period
    return (last + 1 - max(1, round(share * _count(found, period)))) * period


def _count(found: TrainingSet, period: int) -> int:
    """How many periods there are from the first payment to the last."""
    return int(found.event_time[-1]) // period - int(found.event_time[0]) // period + 1


def _told(count: int, period: int) -> str:
    return f"{count} days" if period == DAY else f"{count} periods of {_length(period)}"


def _length(ms: int) -> str:
    return f"{ms / DAY:g} days" if ms >= DAY or not ms else f"{ms / SECOND:g} s"
