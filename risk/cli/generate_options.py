"""The options of `risk generate`."""

from __future__ import annotations

import argparse
from pathlib import Path

import msgspec

from generator.attacks import ATTACKS, UNFORESEEN
from generator.config import StreamConfig
from generator.habits import HABITS
from risk.cli.common import whole

DEFAULTS = {field.name: field.default for field in msgspec.structs.fields(StreamConfig)}


def arguments(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Add the options."""
    traffic = parser.add_argument_group("traffic")
    _number(traffic, "--rate", "rate", float, "events/s")
    _number(traffic, "--duration", "duration_s", float, "seconds", "SECONDS")
    _number(traffic, "--users", "users", int, "how many users (default: as the rate needs)")
    _number(traffic, "--seed", "seed", int, "the same gives the same stream")
    traffic.add_argument(
        "--attack",
        default="all",
        metavar="NAMES",
        help=f"all, none, or some of {','.join(ATTACKS)} (default: all); and, not of all, "
        f"{','.join(UNFORESEEN)}",
    )
    traffic.add_argument(
        "--habits",
        default="all",
        metavar="NAMES",
        help="what makes honest payments look odd: all, none, or some of "
        f"{','.join(HABITS)} (default: all)",
    )
    traffic.add_argument(
        "--start-time",
        type=int,
        metavar="MS",
        help="event time of the beginning, ms UTC (default: now; unpaced, now less the duration)",
    )
    disorder = parser.add_argument_group("shares, 0 to 0.5, and disorder")
    _number(disorder, "--attack-share", "attack_share", float, "fraud among the events")
    _number(disorder, "--habit-share", "habit_share", float, "of honest payments that look odd")
    _number(disorder, "--open-share", "open_share", float, "without a field, or with attributes")
    _number(disorder, "--out-of-order", "out_of_order", float, "sent after later ones")
    _number(disorder, "--out-of-order-max-ms", "out_of_order_max_ms", int, "by at most", "MS")
    _number(disorder, "--duplicates", "duplicates", float, "sent twice")
    _number(disorder, "--malformed", "malformed", float, "broken")
    _number(disorder, "--late", "late", float, "beyond the engine's lateness bound")
    _number(disorder, "--skew-s", "skew_s", float, "the last partition behind the first", "SECONDS")
    _number(disorder, "--hot-ips", "hot_ips", int, "addresses that many honest users share")
    _number(disorder, "--hot-share", "hot_share", float, "honest payments through those")
    way = parser.add_argument_group("where to, and how")
    way.add_argument("--unpaced", action="store_true", help="as fast as it goes")
    files = way.add_mutually_exclusive_group()
    files.add_argument(
        "--to-file", type=Path, metavar="FILE", help="write the stream, send nothing"
    )
    files.add_argument("--from-file", type=Path, metavar="FILE", help="publish a written stream")
    way.add_argument(
        "--malformed-only",
        type=whole(1, 1_000_000_000),
        metavar="N",
        help="N broken records, some of 1 MB",
    )
    way.add_argument(
        "--metrics-port", type=whole(1, 65_535), metavar="PORT", help="serve Prometheus metrics"
    )
    way.add_argument("--metrics-host", default="127.0.0.1", metavar="HOST", help=argparse.SUPPRESS)
    way.add_argument("--json", action="store_true", help="print one JSON object at the end")
    return parser


def _number(
    group: argparse._ArgumentGroup,
    option: str,
    field: str,
    kind: type,
    text: str,
    metavar: str = "N",
) -> None:
    default = DEFAULTS[field]
    if "default" not in text:
        text += " (default: %(default)s)"
    group.add_argument(option, dest=field, type=kind, default=default, metavar=metavar, help=text)
