"""What came of a run: each fault and how long it was felt, what was counted, and what is wrong."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import msgspec

from risk.errors import UserError
from risk.stack.machine import Machine
from risk.verify.chaos.plan import Action


class Row(msgspec.Struct, kw_only=True):
    """A fault. It began `at_s` after the run did, and lasted `lasted_s`. All times in s.

    `recovery_s`: until every payment was decided promptly again, from its beginning where what died
    comes back by itself, else from its end; None if that never came. `longest_wait_s` is how long
    a payment waited for its decision at most. `decided_meanwhile` says whether those sent while it
    lasted were decided before it was over; None if it was over at once. `stored_s` has how long
    after recovery each store had a payment that was sent then. `note` says what was hit, where the
    target alone doesn't.
    """

    kind: str
    target: str
    at_s: float
    lasted_s: float = 0.0
    recovery_s: float | None = None
    longest_wait_s: float = 0.0
    decided_meanwhile: bool | None = None
    stored_s: dict[str, float] = {}
    note: str = ""
    problems: list[str] = []


class Totals(msgspec.Struct, kw_only=True):
    """The accounts when all is over.

    `acknowledged` were promised to producers; `unconfirmed` are in the topic, though no producer
    that lives has heard so. Of `consumed`, `elsewhere` were scored under another ruleset alone.
    `lag` is what each job hasn't committed, `undecided` how many of the pulse wait for ever.
    """

    acknowledged: int
    in_topic: int
    unconfirmed: int
    consumed: int
    rejected: int
    duplicate: int
    late: int
    scored: int
    elsewhere: int
    corrections: int
    mismatches: int
    rows: dict[str, int]
    lag: dict[str, int]
    undecided: int

    def problems(self) -> list[str]:
        """What doesn't add up, in words."""
        found = []
        outcomes = self.rejected + self.duplicate + self.late + self.scored + self.elsewhere
        if outcomes != self.consumed:
            found.append(f"{self.consumed:,} were consumed, and {outcomes:,} have an outcome")
        if self.consumed != self.in_topic:
            found.append(f"{self.in_topic:,} are in the topic, and {self.consumed:,} were consumed")
        if self.in_topic - self.unconfirmed != self.acknowledged:
            found.append(
                f"{self.acknowledged:,} were acknowledged, and "
                f"{self.in_topic - self.unconfirmed:,} of them are in the topic"
            )
        if self.mismatches:
            found.append(f"{self.mismatches:,} mismatches with the oracle")
        if self.undecided:
            found.append(f"{self.undecided:,} payments of the pulse were never decided")
        found += [f"{job} lags by {count:,} records" for job, count in self.lag.items() if count]
        return found


class Recovery(msgspec.Struct):
    """How long payments had to wait after faults of a kind, in s."""

    faults: int
    median_s: float
    longest_s: float


class Report(msgspec.Struct, kw_only=True):
    """A run. It is `sound` if nothing was lost, wrong or doubled, and each fault was recovered.

    A payment was prompt if it was decided within `prompt_s`.
    """

    seed: int
    rate: float
    prompt_s: float
    ruleset: str
    machine: Machine
    plan: list[Action]
    rows: list[Row] = []
    recovery: dict[str, Recovery] = {}
    totals: Totals | None = None
    problems: list[str] = []
    sound: bool = False

    def conclude(self, found: list[str]) -> None:
        """Sum up, with problems that were found when all was over."""
        own = [f"{row.kind} {row.target}: {one}" for row in self.rows for one in row.problems]
        own += [] if self.totals is None else self.totals.problems()
        if self.totals is None:
            own.append("the accounts could not be made up")
        self.problems = own + found
        self.sound = not self.problems
        self.recovery = by_kind(self.rows)


def by_kind(rows: list[Row]) -> dict[str, Recovery]:
    """Recovery by kind; after the death of a TaskManager by whose it was, too."""
    times: defaultdict[str, list[float]] = defaultdict(list)
    for row in rows:
        if row.recovery_s is not None:
            name = f"{row.kind} {row.target}" if row.kind == "kill-taskmanager" else row.kind
            times[name].append(row.recovery_s)
    return {
        name: Recovery(len(found), sorted(found)[len(found) // 2], max(found))
        for name, found in sorted(times.items())
    }


def write(report: Report, path: Path) -> None:
    """Write it as JSON. Raises `UserError`."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n")
    except OSError as error:
        raise UserError(f"--report: {path}: {error.strerror}") from None
