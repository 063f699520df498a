"""The gate that a candidate has to pass before anybody is shown what it says. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from risk.verify.quality.intervals import Interval


class Limits(msgspec.Struct, frozen=True):
    """What it takes: F1 `f1_above` this, and so many `frauds` among the payments judged on.

    A group with at least `group_frauds` may have an average precision that is lower than the
    champion's by `group_worse` at most, or by more if that may be chance.
    """

    f1_above: float
    frauds: int
    group_frauds: int
    group_worse: float
    resamples: int


class GroupDifference(msgspec.Struct, frozen=True):
    """A group's average precision, the candidate's less the champion's; `name` may be empty."""

    by: str
    name: str
    frauds: int
    difference: Interval


class Measured(msgspec.Struct, frozen=True):
    """What is known of a candidate from the days after those that it learnt from.

    `better` and `worse` are the figures by which it differs from the `champion`, beyond chance, on
    the same draws of users. `obstacles` are what stands in the way whatever the figures are.
    """

    champion: str
    f1: float | None
    frauds: int
    better: tuple[str, ...]
    worse: tuple[str, ...]
    groups: tuple[GroupDifference, ...]
    obstacles: tuple[str, ...] = ()


class Ruling(msgspec.Struct, frozen=True):
    """Whether a candidate passes; if not, each reason in a line."""

    passed: bool
    reasons: tuple[str, ...]


def judge(found: Measured, limits: Limits) -> Ruling:
    """All conditions are looked at, so that each that isn't met is told."""
    reasons = tuple(_against(found, limits))
    return Ruling(not reasons, reasons)


def _against(found: Measured, limits: Limits) -> Iterator[str]:
    yield from found.obstacles
    if found.frauds < limits.frauds:
        yield f"too few frauds to judge by: {found.frauds:,} of {limits.frauds:,}"
    if found.f1 is None:
        yield "F1 can't be told: no payment that was judged is fraud, or flagged"
    elif not found.f1 > limits.f1_above:
        yield f"F1 is {found.f1:.3f}, and has to be above {limits.f1_above:g}"
    if found.worse:
        yield f"worse than {found.champion}, beyond chance: {', '.join(found.worse)}"
    if not found.better:
        yield f"no better than {found.champion}: every difference may be chance"
    for one in found.groups:
        if much_worse(one, limits):
            value = one.difference.value or 0.0
            yield (
                f"{one.by} {one.name or 'unknown'} is much worse off than with {found.champion}: "
                f"average precision {value:+.3f}, beyond chance ({one.frauds:,} frauds)"
            )


def much_worse(one: GroupDifference, limits: Limits) -> bool:
    """Whether a group loses more than it may, and not by chance. A small one says nothing."""
    value, high = one.difference.value, one.difference.high
    if one.frauds < limits.group_frauds or value is None or high is None:
        return False
    return value < -limits.group_worse and high < 0


def small(groups: Sequence[GroupDifference], limits: Limits) -> list[str]:
    """The groups of which nothing can be said."""
    return [
        f"{one.by} {one.name or 'unknown'}" for one in groups if one.frauds < limits.group_frauds
    ]
