"""`risk prove`: one disordered stream scored live, sharded, replayed, killed and rescaled."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import msgspec

from risk.cli.common import console, note, number, whole
from risk.errors import StackError, UserError
from risk.ops.ruleset_folder import find_folder
from risk.ops.settings import home, load_settings
from risk.paths import ROOT
from risk.stack.flink_rest import FlinkUnavailable
from risk.stack.secrets import with_generated
from risk.stack.up import up
from risk.verify.proof.proof import STATE, Proof
from risk.verify.proof.report import readable
from risk.verify.proof.variants import WAYS

VARIANTS = (*WAYS, STATE)


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `risk prove`."""
    text = (
        "publish one stream in heavy disorder, score it live, sharded, replayed, with TaskManagers "
        "killed and rescaled in mid-run, and compare all scores with one another and the oracle"
    )
    parser = subparsers.add_parser("prove", help="score one stream in many ways", description=text)
    parser.add_argument(
        "--ruleset", metavar="NAME", help="a ruleset in rules/, or a folder (the settings')"
    )
    parser.add_argument(
        "--events", type=whole(1_000, 10_000_000), default=20_000, metavar="N", help="20000"
    )
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the stream (1)")
    parser.add_argument(
        "--rate",
        type=number(1, 100_000),
        default=2_000.0,
        help="events/s of the live run (default: %(default)g)",
    )
    parser.add_argument(
        "--variants",
        type=_variants,
        default=VARIANTS,
        metavar="NAMES",
        help=f"some of {','.join(VARIANTS)}; without live, an earlier call's stream is scored if "
        "it has as many events, and its results stay in the report (default: all)",
    )
    parser.add_argument("--json", action="store_true", help="print the report as one JSON object")
    parser.add_argument(
        "--report", type=Path, metavar="FILE", help="default: build/prove-<seed>.json and .md"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0: proved; 1: something differs."""
    settings = load_settings()
    data = home(settings)
    folder = find_folder(args.ruleset)
    path = args.report or ROOT / "build" / f"prove-{args.seed}.json"
    try:
        up(settings, data, ("kafka", "flink"), note)
        settings = with_generated(settings, data)
        proof = Proof(settings, data, folder, args.events, args.seed, args.rate, path, note)
        report = proof.run(args.variants)
    except (StackError, FlinkUnavailable) as error:
        raise UserError(str(error)) from None
    if args.json:
        sys.stdout.write(msgspec.json.encode(report).decode() + "\n")
    else:
        console.print(readable(report), markup=False, soft_wrap=True)
    return 0 if report.proved else 1


def _variants(text: str) -> tuple[str, ...]:
    asked = {name.strip() for name in text.split(",")}
    if unknown := sorted(asked - set(VARIANTS)):
        raise argparse.ArgumentTypeError(f"no {unknown[0]!r}: there are {', '.join(VARIANTS)}")
    return tuple(name for name in VARIANTS if name in asked)
