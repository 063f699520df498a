"""`python -m tests.fuzz`: hostile input for everything that reads what others write."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import msgspec

from tests.fuzz.drive import BUILD, GUIDED, Result, drive
from tests.fuzz.run import Figures, Run
from tests.fuzz.targets import NAMES, target

REPORT = BUILD.parent / "fuzz.json"
SHOWN = 3  # the last lines of a finding


def main() -> int:
    """0: nothing was found; 1: something was."""
    args = _arguments().parse_args()
    if args.input:
        return _again(args.targets, args.input)
    if args.guided and not GUIDED.exists():
        print("there is no .venv-fuzz: make setup-fuzz", file=sys.stderr)
        return 2
    print(f"{'target':<11}{'inputs':>10}{'per s':>9}{'ways':>6}{'slowest':>10}{'peak':>8}  found")
    results = []
    for name in args.targets or NAMES:
        found = drive(name, args.seed, args.inputs, args.minutes * 60, _progress, args.guided)
        results.append(found)
        print(f"\r{_line(name, found.figures)}  {len(found.findings) or 'nothing'}")
        _show(found)
    REPORT.write_bytes(msgspec.json.format(msgspec.json.encode(_report(args, results)), indent=1))
    print(f"{sum(one.figures.inputs for one in results):,} inputs; figures are in {REPORT}")
    return 1 if any(one.findings for one in results) else 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", choices=[[], *NAMES], metavar="TARGET",
                        help=f"one or more of {', '.join(NAMES)} (default: all)")  # fmt: skip
    parser.add_argument("--inputs", type=int, default=1_000_000, metavar="N", help="of each target")
    parser.add_argument("--seed", type=int, default=1, help="the same makes the same inputs")
    parser.add_argument("--minutes", type=float, default=60, metavar="M", help="for each, at most")
    parser.add_argument("--guided", action="store_true", help="led by coverage: make setup-fuzz")
    parser.add_argument("--input", type=Path, metavar="FILE", help="run this one of one TARGET")
    return parser


def _again(names: list[str], path: Path) -> int:
    """Run one input, and show all that comes of it."""
    if len(names) != 1:
        print("name the target of the input", file=sys.stderr)
        return 2
    run = Run(target(names[0]), 0)
    begun = time.process_time()
    run.take(path.read_bytes())
    for finding in run.findings.values():
        print(finding.told)
    print(f"{time.process_time() - begun:.3f} s, {run.figures.peak_mb:.0f} MB at most")
    return 1 if run.findings else 0


def _progress(name: str, figures: Figures) -> None:
    if sys.stdout.isatty():
        print(f"\r{_line(name, figures)}", end="", flush=True)


def _line(name: str, found: Figures) -> str:
    rate = found.inputs / found.seconds if found.seconds else 0
    return (
        f"{name:<11}{found.inputs:>10,}{rate:>9,.0f}{found.outcomes:>6}"
        f"{found.slowest_s * 1_000:>7,.0f} ms{found.peak_mb:>5,.0f} MB"
    )


def _show(found: Result) -> None:
    for finding, file in zip(found.findings, found.files, strict=True):
        print(f"  {finding.signature}, {finding.times:,} times")
        for line in finding.told.strip().splitlines()[-SHOWN:]:
            print(f"    {line[:200]}")
        print(f"    again: python -m tests.fuzz {found.target} --input {file}")


def _report(args: argparse.Namespace, results: list[Result]) -> dict[str, Any]:
    told = msgspec.to_builtins(results)
    for one in told:
        one["figures"]["slowest"] = one["figures"]["slowest"][:4_000]
    return {"seed": args.seed, "inputs": args.inputs, "targets": told}


if __name__ == "__main__":
    sys.exit(main())
