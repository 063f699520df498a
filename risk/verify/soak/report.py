"""What came of a run: each series with its verdict, the accounts, and what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from risk.config.settings import Settings
from risk.errors import UserError
from risk.ops import files
from risk.stack.machine import Machine
from risk.verify.soak.limits import holds_payments, limit_mb
from risk.verify.soak.load import Load
from risk.verify.soak.sampler import Sample
from risk.verify.soak.series import Figure, Point, Verdict, breaches, judge

OF_PROCESSES: tuple[Figure, ...] = ("memory", "handles", "threads")
OF_JOBS: tuple[Figure, ...] = ("lag", "state", "checkpoint", "restarts")


class Accounts(msgspec.Struct, frozen=True, kw_only=True):
    """What was promised to the producer, and what there is of it.

    `by` says how it was looked at: by the oracle, or by counting. `rate` is how fast the traffic
    was acknowledged, in payments/s. `drained_s` after the last all lags were 0; None if never.
    """

    by: str
    acknowledged: int
    rate: float
    in_topic: int
    lag: dict[str, int]
    drained_s: float | None
    scored: int = 0
    late: int = 0
    rejected: int = 0
    duplicate: int = 0
    mismatches: int = 0
    rows: dict[str, int] = {}


class Report(msgspec.Struct, kw_only=True):
    """A run. `sustained` is what an overload is several times of, in events/s, if it was measured.

    `sent_s` is when the last payment had been sent, in s after the first sample.
    """

    load: Load
    flat: bool
    machine: Machine
    sustained: float | None = None
    sent_s: float = 0.0
    samples: list[Sample] = []
    verdicts: list[Verdict] = []
    accounts: Accounts | None = None
    problems: list[str] = []
    sound: bool = False

    def conclude(self, settings: Settings, found: Sequence[str]) -> None:
        """Judge all series, and sum up, with problems that were found otherwise."""
        self.verdicts = judged(self, settings)
        self.problems = [*breaches(self.verdicts), *found]
        if self.accounts is None:
            self.problems.append("the accounts could not be made up")
        self.sound = not self.problems


def judged(report: Report, settings: Settings) -> list[Verdict]:
    """Each series. What has to be flat is so while traffic goes on; peaks are of all the run."""
    found = []
    for figure in (*OF_PROCESSES, *OF_JOBS):
        for of, points in series(report.samples, figure).items():
            limit = None
            if figure == "memory":
                limit = limit_mb(of, report.load, settings)
            elif figure == "restarts":
                limit = 0.0
            during = [point for point in points if point[0] <= report.sent_s]
            whole = judge(figure, of, points, flat=False, limit=limit)
            grows = figure == "memory" and holds_payments(of)
            if report.flat and during and not grows and not whole.breach:
                whole = msgspec.structs.replace(
                    judge(figure, of, during, flat=True, limit=limit), peak=whole.peak
                )
            found.append(whole)
    return found


def series(samples: Sequence[Sample], figure: Figure) -> dict[str, list[Point]]:
    """A figure's points by process or kind of job, those that nobody could tell left out.

    Restarts count from the first look on: a job that ran before may have some.
    """
    found: dict[str, list[Point]] = {}
    for sample in samples:
        for of, value in _values(sample, figure).items():
            if value is not None:
                found.setdefault(of, []).append((sample.at_s, float(value)))
    if figure == "restarts":
        return {
            of: [(at, value - points[0][1]) for at, value in points]
            for of, points in sorted(found.items())
        }
    return dict(sorted(found.items()))


def _values(sample: Sample, figure: Figure) -> dict[str, float | None]:
    if figure in OF_PROCESSES:
        return {of: getattr(usage, figure) for of, usage in sample.processes.items()}
    return {of: getattr(usage, figure) for of, usage in sample.jobs.items()}


def write(report: Report, path: Path) -> None:
    """Write it as JSON. Raises `UserError`."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"--report: {path}: {error.strerror}") from None
    files.replace(path, msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n")
