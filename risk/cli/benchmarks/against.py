"""`--against`: the same measurement under other settings, in the same run."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

import msgspec
import yaml

from risk.config.settings import ENV_PREFIX, Settings, SettingsError, parse
from risk.errors import UserError

# Read by the servers when they start: a job can't have its own.
FIXED = ("kafka.", "postgres.", "redis.", "elasticsearch.", "topics.", "flink.", "data_dir")


def add_against(parser: argparse.ArgumentParser) -> None:
    """Add `--against`."""
    parser.add_argument(
        "--against",
        type=_pairs,
        default={},
        metavar="KEY=VALUE[,…]",
        help="compare with these settings in the same run: scoring.… or delivery.… of risk.yaml, "
        "job.… for the scoring job's flags, as job.placement=sharded, "
        "or any of Flink's options for a job, as state.backend.type=hashmap",
    )


def applied(
    settings: Settings, pairs: Mapping[str, str]
) -> tuple[Settings, list[str], dict[str, str]]:
    """The settings with those of the pairs that are ours; the job's flags; Flink's options."""
    ours = {}
    flags = []
    flinks = {}
    for key, value in pairs.items():
        section = key.partition(".")[0]
        if key.startswith(FIXED):
            raise UserError(f"--against {key}: the servers read it when they start: set it for all")
        if section == "job":
            flags += [f"--{key.removeprefix('job.').replace('_', '-')}", value]
        elif section in Settings.__struct_fields__:
            ours[f"{ENV_PREFIX}{key.replace('.', '__')}".upper()] = value
        else:
            flinks[key] = value
    try:
        text = yaml.safe_dump(msgspec.to_builtins(settings))
        return parse(text, ours, "--against"), flags, flinks
    except SettingsError as error:
        raise UserError(f"--against: {error}") from None


def _pairs(text: str) -> dict[str, str]:
    found = {}
    for pair in text.split(","):
        key, sign, value = pair.partition("=")
        if not sign or "." not in key:
            raise argparse.ArgumentTypeError(f"{pair!r} is not KEY=VALUE, as scoring.batch_ms=20")
        found[key.strip()] = value.strip()
    return found
