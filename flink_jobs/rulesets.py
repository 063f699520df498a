"""A ruleset's folder, read with all that it extends: for commands and for jobs alike."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from risk.engine.rules import Ruleset, load
from risk.engine.rules.extends import whole
from risk.engine.rules.head import HEAD
from risk.errors import UserError


class Read(NamedTuple):
    """A ruleset; its files, which stand alone; and what messages call those of other folders."""

    files: dict[str, str]
    places: Mapping[str, str]
    ruleset: Ruleset


def read_folder(folder: Path, shown: str = "") -> Read:
    """What a folder holds. `shown` is its name in messages, and ends in the ruleset's.

    Raises `InvalidRuleset`, or `UserError` if it can't be read.
    """
    beside = folder.resolve().parent

    def sibling(name: str) -> dict[str, str] | None:
        return own_files(beside / name) if (beside / name / HEAD).is_file() else None

    try:
        found = whole(own_files(folder), shown, sibling)
    except OSError as error:
        raise UserError(f"{error.filename}: {error.strerror}") from None
    return Read(found.files, found.places, load(found.files, shown, found.places, found.faults))


def read_text(path: Path) -> str:
    """A text file that the user wrote. Raises `UserError` if it isn't UTF-8, and OSError."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise UserError(f"{path}:{line}: not UTF-8: save the file in that encoding") from None


def own_files(folder: Path) -> dict[str, str]:
    """A folder's own files, by their paths in it. Raises `UserError`, and OSError."""
    paths = sorted([*folder.rglob("*.y*ml"), *folder.glob("models/*.json")])
    return {path.relative_to(folder).as_posix(): read_text(path) for path in paths}
