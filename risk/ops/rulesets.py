"""Rulesets as commands name them: by folder, by name, or by name:version from the archive."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from risk.config.settings import Settings
from risk.engine.delivery import Unavailable
from risk.engine.rules import InvalidRuleset, Ruleset, load
from risk.errors import UserError
from risk.ops.ruleset_folder import read_whole
from risk.paths import ROOT, RULES
from risk.registry import rulesets
from risk.stack.process import Home

_TAG = re.compile(r"([a-z][a-z0-9_]*):(\d+)")


class Chosen(NamedTuple):
    """A ruleset, and a folder with its files for the jobs."""

    folder: Path
    files: Mapping[str, str]
    ruleset: Ruleset

    @property
    def key(self) -> tuple[str, int]:
        """Name and version."""
        return self.ruleset.name, self.ruleset.version

    @property
    def tag(self) -> str:
        """Name and version in one word."""
        return tag(*self.key)


def tag(name: str, version: int) -> str:
    """A ruleset's name and version in one word."""
    return f"{name}:{version}"


def choose(settings: Settings, home: Home, text: str, flag: str = "--ruleset") -> Chosen:
    """The ruleset that is meant: a folder, a name, or name:version. Raises `UserError`.

    A name means the folder in rules/ as it is now, else the highest version that ran; name:version
    what ran under it, else the folder if that is its version.
    """
    match = _TAG.fullmatch(text)
    name, version = (match[1], int(match[2])) if match else (text, None)
    places = (RULES / name, Path(name), ROOT / name)
    folder = next((place for place in places if (place / "ruleset.yaml").is_file()), None)
    if version is None and folder is not None:
        return _read(folder, flag)
    if version is not None or re.fullmatch(r"\w+", name):
        try:
            if found := rulesets.get(settings, name, version):
                return _unpack(home, found)
        except rulesets.Unusable as error:
            raise UserError(f"{flag} {text}: {error}") from None
        except Unavailable as error:
            if folder is None:
                raise UserError(f"{flag} {text}: {error}") from None
    if folder is not None:
        chosen = _read(folder, flag)
        if chosen.ruleset.version == version:
            return chosen
    if "/" in text:
        raise UserError(f"{flag}: no ruleset.yaml in {text}")
    known = ", ".join(sorted(path.parent.name for path in RULES.glob("*/ruleset.yaml")))
    what = "never ran" if version is not None else "is no folder, and never ran"
    raise UserError(f"{flag} {text}: {what}: in rules/ there are {known}")


def archive(settings: Settings, chosen: Chosen) -> None:
    """Keep a ruleset that is about to run. Raises `UserError` and `Unavailable`."""
    ruleset = chosen.ruleset
    try:
        rulesets.archive(settings, *chosen.key, ruleset.fingerprint, chosen.files)
    except (rulesets.Conflict, rulesets.Unusable) as error:
        raise UserError(str(error)) from None


def _read(folder: Path, flag: str) -> Chosen:
    try:
        files, _, ruleset = read_whole(folder)
    except InvalidRuleset as error:
        raise UserError(f"{flag} {folder}: {error}") from None
    return Chosen(folder.resolve(), files, ruleset)


def _unpack(home: Home, found: rulesets.Archived) -> Chosen:
    """Write an archived ruleset's files to a folder, from which jobs are submitted.

    Nothing is written unless it is the ruleset that it is named as. Raises `UserError`.
    """
    name = tag(found.ruleset, found.version)
    try:
        ruleset = load(found.files, found.ruleset)
    except InvalidRuleset as error:
        raise UserError(f"{name} in Postgres: {error}") from None
    if (ruleset.name, ruleset.version) != (found.ruleset, found.version):
        raise UserError(f"{name} in Postgres holds {tag(ruleset.name, ruleset.version)}")
    if ruleset.fingerprint != found.fingerprint:
        raise UserError(f"{name} in Postgres: its files are not those that ran, by the fingerprint")
    folder = home.folder("rulesets") / f"{found.ruleset}-{found.version}"
    if not _holds(folder, found.files):
        _write(folder, found.files)
    return Chosen(folder, found.files, ruleset)


def _holds(folder: Path, files: Mapping[str, str]) -> bool:
    """Whether a folder holds these files, and no link or other one."""
    if folder.is_symlink() or not folder.is_dir():
        return False
    there = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*")}
    if any(path.is_symlink() for path in there.values()):
        return False
    return {name for name, path in there.items() if path.is_file()} == set(files) and all(
        there[name].read_bytes() == text.encode() for name, text in files.items()
    )


def _write(folder: Path, files: Mapping[str, str]) -> None:
    """Make the folder anew, aside: a link in its place, or a half of it, never counts."""
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    for name, text in files.items():
        path = draft / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
    if folder.is_symlink():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)
    draft.rename(folder)
