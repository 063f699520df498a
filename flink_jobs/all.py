"""Several jobs from one client: scoring, and delivery to each store.

    flink run -d -py flink_jobs/all.py -pyfs build/risk-code.zip

A client is a JVM and a Python; starting them takes longer than all that they then do. Each job is
built in environments of its own, as if it were submitted alone.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from flink_jobs import deliver, score
from flink_jobs.client import submits
from flink_jobs.job import restored_from
from risk.config.names import SCORE, live_kinds
from risk.errors import UserError
from sinks import registry


@submits
def main(argv: Sequence[str] | None = None) -> None:
    """Build the jobs and submit them, in the order in which they are named."""
    args = _arguments(argv)
    names = _names(args.jobs)
    restored = _restored(args.restore, names)
    for name in names:
        # What a job goes on from says where it reads on; without, it reads all there is.
        path = restored.get(name)
        start = [] if path else ["--start", args.start]
        with restored_from(path):
            if name == SCORE:
                _run(score.main, [*_of_score(args), *start])
            else:
                _run(deliver.main, ["--store", name, *start])


def _run(job: Callable[[Sequence[str]], None], argv: Sequence[str]) -> None:
    job(argv)


def _of_score(args: argparse.Namespace) -> list[str]:
    """What only the scoring job is told."""
    given = ["--ruleset", args.ruleset] if args.ruleset else []
    given += ["--shadow", args.shadow] if args.shadow else []
    given += ["--run-id", args.run_id] if args.run_id else []
    given += ["--group", args.group] if args.group else []
    for folders in args.earlier:
        given += ["--earlier", folders]
    return given


def _names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",")]
    jobs = live_kinds(registry.delivery_names())
    for name in names:
        if name not in jobs:
            raise UserError(f"--jobs: no job {name!r}: there are {', '.join(jobs)}")
    return names


def _restored(pairs: Sequence[str], names: Sequence[str]) -> dict[str, str]:
    found = dict(pair.partition("=")[::2] for pair in pairs)
    for name, path in found.items():
        if name not in names or not path:
            raise UserError(f"--restore {name}={path}: use JOB=PATH, with a job of --jobs")
    return found


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="all.py", description="Submit several jobs at once.")
    every = ",".join(live_kinds(registry.delivery_names()))
    parser.add_argument("--jobs", default=every, help="default: %(default)s")
    parser.add_argument("--ruleset", help="the folder of the scoring job's ruleset")
    parser.add_argument("--shadow", help="the folder of a ruleset scored beside, never alerting")
    parser.add_argument("--run-id", help="the name of the scoring job's run; default: a new one")
    parser.add_argument("--group", help="the scoring job's consumer group; default: its own")
    parser.add_argument("--earlier", action="append", default=[], help="as score.py has it")
    parser.add_argument(
        "--restore",
        action="append",
        default=[],
        metavar="JOB=PATH",
        help="the checkpoint or savepoint that a job goes on from, and then owns",
    )
    parser.add_argument(
        "--start",
        default="earliest",
        help="where the others start to read: group, earliest, latest (default: %(default)s)",
    )
    return parser.parse_args(argv)


if __name__ == "__main__":
    main()
