"""What the demo that learns has come to, as it is printed."""

from __future__ import annotations

import msgspec

from risk.cli.demonstration.learning.recall import Judged, Told
from risk.cli.demonstration.summary import Store
from risk.verify.quality.intervals import Interval


class Step(msgspec.Struct, frozen=True):
    """A step of the course; it began so long after the command."""

    text: str
    begun_s: float


class Learning(msgspec.Struct, frozen=True, kw_only=True):
    """The model: what it has learnt from, and what it is worth on the payments held out.

    Each verdict came `late_s` after its payment. From `threshold` on a payment is flagged.
    """

    sha256: str
    kind: str
    threshold: int
    verdicts: int
    late_s: float
    payments: int
    frauds: int
    held_out: int
    figures: dict[str, Interval]


class StageSummary(msgspec.Struct, frozen=True, kw_only=True):
    """The records of a stage by outcome, and what the stores hold of it under its ruleset."""

    name: str
    ruleset: str
    sent: int
    events: int
    scored: int
    duplicate: int
    late: int
    rejected: int
    waiting: int
    corrected: int
    stores: dict[str, Store]
    mismatches: int


class Learned(msgspec.Struct, frozen=True, kw_only=True):
    """All of it. `new` is the kind of fraud that no rule knows; `sent` are the records that the
    broker has acknowledged, of all stages.

    `told` is what the model said in the shadow, and `judged` what came of it once a rule asked:
    both of payments that it hasn't learnt from. `statuses` are what Postgres said of the model in
    these two stages. `disagreements` says in words what doesn't add up.
    """

    ok: bool
    seed: int
    rate: float
    seconds: float
    new: str
    sent: int
    learning: Learning
    steps: list[Step]
    stages: list[StageSummary]
    statuses: list[str]
    told: Told
    judged: Judged
    disagreements: list[str]
