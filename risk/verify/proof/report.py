"""What was proved: as a file for programs, and as one to read."""

from __future__ import annotations

from pathlib import Path

import msgspec

from risk.errors import UserError
from risk.stack.machine import Machine
from risk.verify.proof.growth import Growth
from risk.verify.proof.variants import Run


class Oracle(msgspec.Struct):
    """What must come of the stream, by brute force."""

    scored: int
    duplicate: int
    late: int
    rejected: int
    conflicts: int
    scores_hash: str
    late_hash: str
    rejected_hash: str


class Report(msgspec.Struct, kw_only=True):
    """A proof. `start_time` (ms UTC) tells one published stream from another."""

    events: int
    seed: int
    rate: float
    start_time: int
    ruleset: str
    fingerprint: str
    machine: Machine
    oracle: Oracle | None = None
    runs: dict[str, Run] = {}
    state: Growth | None = None
    proved: bool = False
    problems: list[str] = []

    def conclude(self) -> None:
        """Say whether all that was run proves what it should."""
        found = [
            f"{name}: {problem}"
            for name, run in self.runs.items()
            for problem in run.problems(self.events)
        ]
        found += [f"state: {problem}" for problem in (self.state.problems() if self.state else ())]
        self.problems, self.proved = found, not found


def write(report: Report, path: Path) -> None:
    """Write `path`, and beside it the same to read. Raises `UserError`."""
    text = msgspec.json.format(msgspec.json.encode(report), indent=1)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text + b"\n")
        path.with_suffix(".md").write_text(readable(report), encoding="utf-8")
    except OSError as error:
        raise UserError(f"--report: {path}: {error.strerror}") from None


def read(path: Path) -> Report | None:
    """An earlier report; None if there is none that can be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Report)
    except (OSError, msgspec.DecodeError):
        return None


def readable(report: Report) -> str:
    """The report in Markdown."""
    headline = "Proved" if report.proved else "Not proved"
    lines = [
        f"# {headline}: {report.events:,} events, seed {report.seed}",
        "",
        f"Ruleset {report.ruleset} ({report.fingerprint[:12]}), commit {report.machine.commit}, "
        f"{report.machine.cores} cores, {report.machine.processor}. Published at "
        f"{report.rate:,.0f} events/s, start time {report.start_time}.",
    ]
    lines += ["", *(f"- {problem}" for problem in report.problems)] if report.problems else []
    if report.oracle:
        lines += _runs(report, report.oracle)
    lines += _breaks(report.runs)
    lines += _state(report.state) if report.state else []
    return "\n".join(lines) + "\n"


def _runs(report: Report, oracle: Oracle) -> list[str]:
    titles = (
        *("run", "how", "scored", "late", "rejected", "corrected", "revisions", "repeated"),
        *("behind", "different", "hash of all scores", "s", "checkpoint", "RocksDB"),
    )
    counts = oracle.scored, oracle.late, oracle.rejected
    hash_ = f"`{oracle.scores_hash[:16]}`"
    rows = [["oracle", "by brute force", *counts, *[""] * 5, hash_, "", "", ""]]
    for name, run in report.runs.items():
        judgement = run.judgement
        rows.append(
            [
                *(
                    name,
                    run.how,
                    judgement.scored,
                    judgement.late,
                    judgement.rejected,
                    judgement.corrections,
                ),
                ", ".join(f"{n}: {count:,}" for n, count in judgement.revisions.items()),
                *(
                    judgement.repeated,
                    run.behind,
                    judgement.differences,
                    f"`{judgement.scores_hash[:16]}`",
                ),
                *(f"{run.seconds:.0f}", _bytes(run.checkpoint_bytes), _bytes(run.state_bytes)),
            ]
        )
    conflicts = f"{oracle.conflicts:,} of them in conflict with the first"
    return ["", f"{oracle.duplicate:,} duplicates, {conflicts}.", "", *_table(titles, rows)]


def _breaks(runs: dict[str, Run]) -> list[str]:
    lines = []
    for name, run in runs.items():
        for kill in run.kills:
            lines.append(
                f"- {name}: {kill.taskmanager} killed after {kill.checkpoints} checkpoints, "
                f"{kill.read:,} records read as of the last of them, {kill.scores:,} in the topic "
                "of scores"
            )
        if run.stopped_at is not None:
            lines.append(f"- {name}: stopped with a savepoint after {run.stopped_at:,} records")
        if run.published_behind_s is not None:
            behind = run.published_behind_s
            lines.append(f"- {name}: published at most {behind:.2f} s behind its pace")
    return ["", *lines] if lines else []


def _state(state: Growth) -> list[str]:
    titles = "events", "savepoint", "last checkpoint", "RocksDB, some seconds before"
    rows: list[list[object]] = [
        [p.events, *map(_bytes, (p.savepoint_bytes, p.checkpoint_bytes, p.rocksdb_bytes))]
        for p in state.points
    ]
    ratio = (
        f"The second half's savepoints are {state.ratio:.3f} times the first half's, on average."
    )
    return ["", "## State", "", state.applies, "", *_table(titles, rows), "", ratio]


def _table(titles: tuple[str, ...], rows: list[list[object]]) -> list[str]:
    def row(cells: list[object]) -> str:
        texts = (f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in cells)
        return f"| {' | '.join(texts)} |"

    return [row(list(titles)), row(["---"] * len(titles)), *map(row, rows)]


def _bytes(count: int) -> str:
    return f"{count / 1_000_000:.2f} MB"
