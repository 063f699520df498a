"""The settings and the ruleset, read where a job is submitted."""

from __future__ import annotations

import os
from pathlib import Path

from risk.config.settings import Settings, SettingsError, parse
from risk.engine.rules import InvalidRuleset, Ruleset, load
from risk.errors import UserError
from risk.kafka.client import unquotable


def read_settings() -> Settings:
    """From `RISK_SETTINGS_FILE` (default `risk.yaml` in the current folder, if there is one).

    Raises `UserError`.
    """
    environment = dict(os.environ)
    named = environment.pop("RISK_SETTINGS_FILE", None)
    path = Path(named or "risk.yaml")
    try:
        text = _text(path) if named or path.exists() else ""
        found = parse(text, environment, path.name)
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}") from None
    except SettingsError as error:
        raise UserError(str(error)) from None
    if fault := unquotable(found.kafka):
        raise UserError(fault)
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise UserError(f"{path}: not UTF-8: save the file in that encoding") from None


def read_ruleset(folder: Path, flag: str = "--ruleset") -> tuple[dict[str, str], Ruleset]:
    """The files of a ruleset's folder, and what they say. Raises `UserError`."""
    if not (folder / "ruleset.yaml").is_file():
        raise UserError(f"{flag}: no ruleset.yaml in {folder}")
    files = {
        path.relative_to(folder).as_posix(): _text(path) for path in sorted(folder.rglob("*.yaml"))
    }
    try:
        return files, load(files)
    except InvalidRuleset as error:
        raise UserError(str(error)) from None
