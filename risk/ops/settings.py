"""The settings, read from their file and the environment."""

from __future__ import annotations

import os
from pathlib import Path

from risk.config.checks import texts
from risk.config.settings import Settings, SettingsError, parse
from risk.config.types import is_file
from risk.errors import StackError, UserError
from risk.paths import ROOT
from risk.stack.kafka_nodes import with_recorded
from risk.stack.process import Home


def load_settings() -> Settings:
    """The settings: `risk.yaml`, or the file that `RISK_SETTINGS_FILE` names; the environment."""
    environment = dict(os.environ)
    path = Path(environment.pop("RISK_SETTINGS_FILE", ROOT / "risk.yaml"))
    try:
        text = read_text(path)
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}: name a settings file") from None
    try:
        settings = parse(text, environment, path.name)
        _check_files(settings)
        return with_recorded(settings, Home(ROOT / settings.data_dir))
    except (SettingsError, StackError) as error:
        raise UserError(str(error)) from None


def _check_files(settings: Settings) -> None:
    """Raise `UserError` if a file that the settings name isn't there."""
    for path, value, fits in texts(settings):
        if fits.check is is_file and not Path(value).is_file():
            raise UserError(f"{path}: {value}: there is no such file")


def read_text(path: Path) -> str:
    """A text file that the user wrote. Raises `UserError` if it isn't UTF-8, and OSError."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise UserError(f"{path}:{line}: not UTF-8: save the file in that encoding") from None


def home(settings: Settings) -> Home:
    """The data folder; relative to the project's root, not to where the command is run."""
    return Home(ROOT / settings.data_dir)
