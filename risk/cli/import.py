"""`risk import`: payments and labels from a file. Loaded by its name, which no `import` can say."""

from __future__ import annotations

import argparse
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import msgspec

from risk.cli.common import whole
from risk.cli.import_show import Progress, show_check, show_import
from risk.errors import UserError
from risk.ops.imports.check import check, refusal
from risk.ops.imports.rejects import beside
from risk.ops.imports.run import Options, run
from risk.ops.imports.source import Source, limits
from risk.ops.settings import home, in_role, load_settings

EPILOG = """\
examples:
  risk import payments.csv --map map.yaml --dry-run
  risk import payments.parquet --map map.yaml --max-rejects 20
  risk import payments.jsonl.gz --map map.yaml --rate 500/s
  risk import payments.csv --map map.yaml --resume
"""
_MOST_ROWS = 1_000_000_000


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `risk import`."""
    parser = subparsers.add_parser(
        "import",
        help="send payments and labels from CSV, JSON lines or Parquet",
        description="Check a file of payments as a whole, then send them. Nothing is sent while\n"
        "more rows than --max-rejects are no payments.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="CSV, JSON lines or Parquet; each may be gzipped"
    )
    parser.add_argument(
        "--map", type=Path, required=True, metavar="FILE", help="what the columns are (YAML)"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="check and show what is in it; send nothing"
    )
    count = whole(1, _MOST_ROWS)
    parser.add_argument("--rows", type=count, metavar="N", help="only the first N rows")
    parser.add_argument(
        "--sort", action="store_true", help="send by event time (by a temporary file)"
    )
    parser.add_argument(
        "--rate", type=_rate, metavar="N/s", help="payments a second (default: at full speed)"
    )
    parser.add_argument(
        "--max-rejects",
        type=whole(0, _MOST_ROWS),
        default=0,
        metavar="N",
        help="go on without up to N rows that are no payments (default: 0)",
    )
    parser.add_argument(
        "--rejects", type=Path, metavar="PATH", help="for them (default: FILE.rejected.jsonl)"
    )
    begun = parser.add_mutually_exclusive_group()
    begun.add_argument("--resume", action="store_true", help="go on where it stopped")
    begun.add_argument("--anew", action="store_true", help="send it though it was sent before")
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
    parser.set_defaults(run=run_import)


def run_import(args: argparse.Namespace) -> int:
    """0: all is sent, or would be; 1: a dry run found what hinders; 130: stopped."""
    for path in (args.file, args.map):
        if not path.is_file():
            raise UserError(f"{path}: there is no such file")
    source = Source.of(args.file, args.map, args.rows)
    return _dry_run(args, source) if args.dry_run else _send(args, source)


def _dry_run(args: argparse.Namespace, source: Source) -> int:
    settings = load_settings()
    now = limits(settings, time.time_ns() // 1_000_000)
    begin = time.monotonic()
    with Progress() as progress:
        found = check(
            source,
            now,
            settings.scoring.lateness_ms,
            progress.checked,
            args.rejects,
            profile=True,
        )
    took = time.monotonic() - begin
    why = refusal(found, args.max_rejects, args.sort, args.rejects)
    if args.json:
        shown = msgspec.to_builtins(found) | {"seconds": round(took, 3), "refused": why}
        sys.stdout.write(msgspec.json.encode(shown).decode() + "\n")
    else:
        show_check(found, took)
    if why:
        print(f"risk: would be refused: {why}", file=sys.stderr)
    return 1 if why else 0


def _send(args: argparse.Namespace, source: Source) -> int:
    settings = in_role(load_settings(), "ops")
    options = Options(
        rejects=args.rejects or beside(args.file),
        max_rejects=args.max_rejects,
        sort=args.sort,
        rate=args.rate,
        resume=args.resume,
        anew=args.anew,
    )
    with _signals() as stoppable, Progress() as progress:
        done = run(settings, home(settings), source, options, progress, stoppable)
    if args.json:
        sys.stdout.write(msgspec.json.encode(done).decode() + "\n")
    else:
        show_import(done, options.rejects)
    if done.stopped:
        print("risk: stopped: --resume goes on from here", file=sys.stderr)
    return 130 if done.stopped else 0


@contextmanager
def _signals() -> Iterator[Callable[[Callable[[], None]], None]]:
    """Gives what is told how to stop: then the first signal does that, and a second one ends."""
    before: list[tuple[signal.Signals, object]] = []

    def stoppable(stop: Callable[[], None]) -> None:
        def stopped(number: int, frame: FrameType | None) -> None:
            stop()
            signal.signal(signal.SIGINT, signal.default_int_handler)

        for number in (signal.SIGINT, signal.SIGTERM):
            before.append((number, signal.signal(number, stopped)))

    try:
        yield stoppable
    finally:
        for number, handler in before:
            signal.signal(number, handler)  # type: ignore[arg-type]


def _rate(text: str) -> float:
    found = re.fullmatch(r"(\d{1,7}(?:\.\d{1,3})?)(?:/s)?", text)
    if not found or not float(found[1]):
        raise argparse.ArgumentTypeError(f"{text}: payments a second, such as 500/s")
    return float(found[1])
