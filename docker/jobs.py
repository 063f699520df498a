"""Submits the standing jobs, and again after the JobManager has lost them.

    python -m docker.jobs keep     submit those that don't run; then see that a new cluster has them
    python -m docker.jobs check    exit code 0 if all of them run

A JobManager that is started anew knows no job. `keep` then submits all of them, from the last
checkpoints. A cluster that misses only some of them is left alone: whoever stopped one, for a
promotion say, meant to.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

from cli.common import UserError, load_settings
from cli.submitting import ALL, standing, submit_all
from cli.up import home, say
from risk.settings import Settings
from stack import flink_config
from stack.flink_rest import FlinkUnavailable

LOOK_S = 10.0


def keep(settings: Settings) -> None:
    """Runs until it is ended."""
    data = home(settings)
    flink_config.write(settings, data)
    first = True
    while True:
        try:
            if first or not standing(settings):
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
        found = standing(settings)
    except FlinkUnavailable:
        return False
    return all(name in found and found[name].runs for name in ALL)


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
        print(f"docker.jobs: {error}", file=sys.stderr)
        sys.exit(2)
