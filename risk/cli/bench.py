"""`risk bench`: measure the engine, and what it is compared with."""

from __future__ import annotations

import argparse
import importlib

# One module a benchmark, with `add`.
BENCHMARKS = (
    *("throughput", "latency", "pipeline", "sinks", "stages", "growth", "features", "peers"),
    *("decisions", "api", "restore"),
)


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `risk bench`."""
    text = "measure throughput, latency and costs; docs/performance.md says what each figure means"
    parser = subparsers.add_parser("bench", help="measure", description=text)
    benchmarks = parser.add_subparsers(metavar="benchmark", required=True)
    for name in BENCHMARKS:
        importlib.import_module(f"risk.cli.benchmarks.{name}").add(benchmarks)
