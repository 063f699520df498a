"""A ruleset's folder, read and checked."""

from __future__ import annotations

from pathlib import Path

from flink_jobs import rulesets
from flink_jobs.rulesets import Read
from risk.engine.rules import Ruleset
from risk.errors import UserError
from risk.ops.settings import load_settings
from risk.paths import ROOT, RULES


def read_folder(folder: Path) -> Ruleset:
    """The ruleset in a folder. Raises `InvalidRuleset`, or `UserError` if it can't be read."""
    return read_whole(folder).ruleset


def read_whole(folder: Path) -> Read:
    """The same, with its files."""
    return rulesets.read_folder(folder, shown(folder.resolve()))


def known_folders() -> list[Path]:
    """The folders of all rulesets in rules/."""
    return sorted(path.parent for path in RULES.glob("*/ruleset.yaml"))


def find_folder(name: str | None) -> Path:
    """The folder of a ruleset in rules/, or of that path; that of the settings for None.

    Raises `UserError`.
    """
    name = name or load_settings().scoring.ruleset
    for folder in (RULES / name, Path(name)):
        if folder.is_dir():
            return folder.resolve()
    names = ", ".join(path.name for path in known_folders())
    raise UserError(f"no ruleset {name}: there are {names}; or name a folder")


def shown(path: Path) -> str:
    """The path as messages name it: from the project's root, or as it stands."""
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)
