"""Where a job starts to read: `--start`, in words, times or offsets."""

from __future__ import annotations

import argparse

from flink_jobs.edges import Start
from risk.errors import UserError
from risk.kafka.ranges import OFFSETS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`--group` and `--start`."""
    parser.add_argument("--group", help="the consumer group; default: the job's own")
    parser.add_argument(
        "--start",
        default="group",
        help="group (where the group has committed, else earliest), earliest, latest, "
        "a time in ms UTC, or offsets as partition:offset,…",
    )


def parse_start(text: str) -> Start:
    """The source's start. Ends the submission where the text is none of the forms."""
    if text == "group":
        return Start("group-offsets")
    if text in ("earliest", "latest"):
        return Start(f"{text}-offset")
    if text.isdecimal():
        return Start("timestamp", {"scan.startup.timestamp-millis": text})
    if OFFSETS.fullmatch(text):
        pairs = [pair.split(":") for pair in text.split(",")]
        offsets = ";".join(f"partition:{p},offset:{o}" for p, o in pairs)
        return Start("specific-offsets", {"scan.startup.specific-offsets": offsets})
    raise UserError(f"--start {text}: use group, earliest, latest, ms UTC or partition:offset,…")
