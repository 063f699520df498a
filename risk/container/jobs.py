"""Submits the live jobs, and again after the JobManager has lost them.

    python -m risk.container.jobs keep     submit those that don't run, now and on a new cluster
    python -m risk.container.jobs check    exit code 0 if all of them run

A JobManager that is started anew knows no job. `keep` then submits all of them, from the last
checkpoints. A cluster that misses only some of them is left alone: whoever stopped one, for a
promotion say, meant to.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

from risk.config.settings import Settings
from risk.errors import UserError
from risk.ops.settings import home, load_settings
from risk.ops.submit import every_kind, live_jobs, submit_all
from risk.stack import flink_config
from risk.stack.flink_rest import FlinkUnavailable

LOOK_S = 10.0


def keep(settings: Settings) -> None:
    """Runs until it is ended."""
    data = home(settings)
    flink_config.write(settings, data)
    first = True
    while True:
        try:
            if first or not live_jobs(settings):
                submit_all(settings, data, say)
            first = False
        except FlinkUnavailable as error:
            say(f"{error}: looking again in {LOOK_S:.0f} s")
        except UserError as error:
            say(f"{error}: trying again in {LOOK_S:.0f} s")
        time.sleep(LOOK_S)


def check(settings: Settings) -> bool:
    """Whether all of them run."""
    try:
        found = live_jobs(settings)
    except FlinkUnavailable:
        return False
    return all(name in found and found[name].runs for name in every_kind())


def say(line: str) -> None:
    """Print one line of progress, at once: it is the container's log."""
    print(line, flush=True)


def main(argv: Sequence[str]) -> int:
    """The exit code."""
    if list(argv) == ["keep"]:
        keep(load_settings())
    if list(argv) == ["check"]:
        return 0 if check(load_settings()) else 1
    raise UserError("keep or check")


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except UserError as error:
        print(f"risk.container.jobs: {error}", file=sys.stderr)
        sys.exit(2)
