"""`risk model`: build a training set from what scoring saw, train a model, judge it, note it."""

from __future__ import annotations

import argparse
import importlib

from risk.cli.parsing import Help

# A module an action or two, with `add`.
ACTIONS = (
    "build_set",
    "train",
    "evaluate",
    "compare",
    "register",
    "registered",
    "deployments",
    "daily",
)

EPILOG = """\
examples:
  risk model build-set q1.parquet --from 2026-01-01 --to 2026-03-31
  risk model train q1.parquet --kind forest --name card --out models/card.json
  risk model evaluate models/card.json q1.parquet --html card.html
  risk model compare rules/default/models/card.json models/card.json q1.parquet
  risk model register models/card.json --note "without weekends"
  risk model show card
  risk model daily --day 2026-11-30
  risk model deployments --at 2026-11-01T12:00
"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `risk model`."""
    parser = subparsers.add_parser(
        "model",
        help="build training sets, train, judge and register models",
        description="train models on what scoring saw, and judge them: docs/models.md",
        epilog=EPILOG,
        formatter_class=Help,
    )
    actions = parser.add_subparsers(metavar="action", required=True)
    for name in ACTIONS:
        importlib.import_module(f"risk.cli.models.{name}").add(actions)
