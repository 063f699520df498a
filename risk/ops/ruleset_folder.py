"""A ruleset's folder, read and checked."""

from __future__ import annotations

from pathlib import Path

from risk.engine.rules import Ruleset, load
from risk.errors import UserError
from risk.ops.settings import read_text
from risk.paths import ROOT


def read_folder(folder: Path) -> Ruleset:
    """The ruleset in a folder. Raises `InvalidRuleset`, or `UserError` if it can't be read."""
    try:
        files = {
            path.relative_to(folder).as_posix(): read_text(path) for path in folder.rglob("*.y*ml")
        }
    except OSError as error:
        raise UserError(f"{error.filename}: {error.strerror}") from None
    return load(files, shown(folder.resolve()))


def shown(path: Path) -> str:
    """The path as messages name it: from the project's root, or as it stands."""
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)
