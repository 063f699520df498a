"""What `risk verify` says of each stage's ruleset, of all at the same time."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple

import msgspec

from risk.cli.demonstration.learning.stage import Stage
from risk.cli.demonstration.summary import Store, store_counts
from risk.cli.demonstration.traffic import COMMAND
from risk.config.settings import Settings
from risk.errors import UserError
from risk.paths import ROOT
from risk.verify.verification import Report
from risk.waiting import until
from sinks import registry

CATCH_UP_S: Final = 120.0  # for corrections, and for the stores
AT_ONCE: Final = 3  # meanwhile the last payments settle, which takes as long

Say = Callable[[str], None]


class Compared(NamedTuple):
    """What the oracle has found, and what the stores hold of the stage."""

    report: Report
    held: dict[str, Store]


def compare(settings: Settings, stages: Sequence[Stage], say: Say) -> list[Compared]:
    """Each stage's, in their order. Raises `UserError` and `Unavailable`."""

    def one(stage: Stage) -> Compared:
        stores = registry.names()
        report = _verified(stage.chosen.tag, stores)
        say(f"{stage.chosen.tag}: {report.scored:,} scored, {report.mismatches:,} mismatches")
        until(lambda: not stage.tail.behind(), CATCH_UP_S, 0.1)
        return Compared(report, store_counts(settings, stores, stage.chosen.key, stage.tail.tally))

    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        return list(pool.map(one, stages))
    finally:
        pool.shutdown(cancel_futures=True)


def _verified(ruleset: str, stores: Sequence[str]) -> Report:
    command = [
        *(sys.executable, "-c", COMMAND, "verify", "--json", "--ruleset", ruleset),
        *("--stores", ",".join(stores), "--wait", str(CATCH_UP_S)),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return reported(ruleset, done.stdout, done.stderr)


def reported(ruleset: str, out: str, errors: str) -> Report:
    """The command's report. Raises `UserError` with its last words where it gives none."""
    try:
        return msgspec.json.decode(out, type=Report)
    except msgspec.DecodeError:
        reason = (errors.strip().splitlines() or ["no output"])[-1].removeprefix("risk: ")
        raise UserError(f"{ruleset} was not compared: {reason}") from None
