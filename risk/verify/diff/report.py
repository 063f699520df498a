"""What a comparison of two rulesets says, ready to be shown. Shares are from 0 to 1."""

from __future__ import annotations

import msgspec


class Version(msgspec.Struct, frozen=True):
    """One side."""

    name: str
    version: int
    fingerprint: str
    review: int
    block: int
    events: int

    @property
    def tag(self) -> str:
        """Name and version in one word."""
        return f"{self.name}:{self.version}"


class Move(msgspec.Struct, frozen=True):
    """How many events went from one decision to another, or kept it."""

    a: str
    b: str
    events: int
    fraud: int


class Step(msgspec.Struct, frozen=True):
    """How many events have a score from `low` up to 9 above it; in the last step, up to 100."""

    low: int
    a: int
    b: int


class Shift(msgspec.Struct, frozen=True):
    """How many scores moved by up to so many points, and by more than the step before; 0: not."""

    upto: int
    events: int
    fraud: int


class CauseCount(msgspec.Struct, frozen=True):
    """How many flips something had a part in: a rule, or the thresholds where `rule` is empty.

    `why` is added, removed, condition, points, features or threshold. A flip may have several.
    """

    rule: str
    why: str
    stricter: int
    looser: int
    stricter_fraud: int
    looser_fraud: int

    @property
    def flips(self) -> int:
        """Both ways."""
        return self.stricter + self.looser


class RuleCount(msgspec.Struct, frozen=True):
    """How often a rule hit on each side, and how often it hit fraud."""

    rule: str
    a: int
    b: int
    a_fraud: int
    b_fraud: int


class Truth(msgspec.Struct, frozen=True):
    """One side against the labels. Flagged is REVIEW or BLOCK."""

    caught: int
    missed: int
    false_alarms: int
    blocked_fraud: int
    blocked_clean: int

    @property
    def recall(self) -> float:
        """Of the fraud, the share flagged."""
        return share(self.caught, self.caught + self.missed)

    @property
    def precision(self) -> float:
        """Of the flagged, the share that is fraud."""
        return share(self.caught, self.caught + self.false_alarms)


class Attack(msgspec.Struct, frozen=True):
    """One kind of fraud: how many of its events each side flags and blocks."""

    name: str
    events: int
    a_flagged: int
    b_flagged: int
    a_blocked: int
    b_blocked: int
    gained: int
    lost: int


class Group(msgspec.Struct, frozen=True):
    """Events that have something in common: `kind` is source, country or channel."""

    kind: str
    name: str
    events: int
    fraud: int
    a_flagged: int
    b_flagged: int
    a_false: int
    b_false: int
    flips: int


class Example(msgspec.Struct, frozen=True):
    """A flip, in full."""

    event_id: str
    user_id: str
    event_time: int
    a_score: int
    b_score: int
    a_decision: str
    b_decision: str
    amount: int | None
    currency: str | None
    country: str | None
    channel: str | None
    fraud: bool | None
    attack: str | None
    causes: list[str]


class Labels(msgspec.Struct, frozen=True):
    """What the labels say: of how many events, and how well each side does."""

    events: int
    fraud: int
    a: Truth
    b: Truth
    attacks: list[Attack]


class Report(msgspec.Struct, frozen=True):
    """All of it. `events` were decided on both sides, some of them late; others aren't compared.

    `unexplained` flips and events with `other_features` must be 0, but for events of the last
    seconds of a stream, which may not have settled on one side.
    """

    a: Version
    b: Version
    events: int
    first_event: int | None
    last_event: int | None
    flips: int
    stricter: int
    looser: int
    unexplained: int
    other_features: int
    shifted: int
    mean_shift: float
    moves: list[Move]
    steps: list[Step]
    shifts: list[Shift]
    causes: list[CauseCount]
    rules: list[RuleCount]
    labels: Labels | None
    groups: list[Group]
    examples: list[Example]


def share(part: int, whole: int) -> float:
    """The part of a whole; 0 of nothing."""
    return part / whole if whole else 0.0
