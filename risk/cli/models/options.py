"""Arguments of the commands that judge models."""

from __future__ import annotations

import argparse
from pathlib import Path

from risk.cli.common import number, whole
from risk.engine.messages import MAX_MODEL_SCORE
from risk.verify.quality.evaluation import Asked

USUAL = Asked()


def add_judging(parser: argparse.ArgumentParser) -> None:
    """The set, and how to judge on it."""
    parser.add_argument("set", type=Path, metavar="SET.parquet")
    parser.add_argument(
        "--threshold",
        type=whole(0, MAX_MODEL_SCORE),
        metavar="SCORE",
        help="from which payments are flagged (default: the card's, else the one of the best F1)",
    )
    parser.add_argument(
        "--review-cost",
        type=number(0, 1e12),
        default=USUAL.review_cost,
        metavar="MINOR",
        help="of each honest payment flagged, in minor units (default: %(default)g)",
    )
    parser.add_argument(
        "--resamples",
        type=whole(20, 1_000),
        default=USUAL.resamples,
        metavar="N",
        help="of users, for the intervals (default: %(default)s)",
    )
    parser.add_argument("--seed", type=whole(0, 2**31 - 1), default=USUAL.seed, metavar="N")
    parser.add_argument(
        "--all",
        action="store_true",
        help="judge on all payments, also those that a model may have learnt from",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def asked(args: argparse.Namespace) -> Asked:
    """What was said of it."""
    return Asked(args.threshold, args.resamples, args.seed, args.review_cost)
