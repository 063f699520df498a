"""A ruleset's folder, read and checked."""

from __future__ import annotations

from pathlib import Path

from flink_jobs import rulesets
from flink_jobs.rulesets import Read
from risk.engine.rules import Ruleset
from risk.paths import ROOT


def read_folder(folder: Path) -> Ruleset:
    """The ruleset in a folder. Raises `InvalidRuleset`, or `UserError` if it can't be read."""
    return read_whole(folder).ruleset


def read_whole(folder: Path) -> Read:
    """The same, with its files."""
    return rulesets.read_folder(folder, shown(folder.resolve()))


def shown(path: Path) -> str:
    """The path as messages name it: from the project's root, or as it stands."""
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)
