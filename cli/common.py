"""What every command needs: the settings, errors that are the user's, and the terminal."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from risk.settings import Settings, SettingsError, parse
from stack.kafka_nodes import with_recorded
from stack.process import Home, StackError

ROOT = Path(__file__).resolve().parent.parent
console = Console(highlight=False, emoji=False)


class UserError(Exception):
    """The user can mend this: the message says what and how. Printed alone, exit code 2."""


def load_settings() -> Settings:
    """The settings: `risk.yaml`, or the file that `RISK_SETTINGS_FILE` names; the environment."""
    environment = dict(os.environ)
    path = Path(environment.pop("RISK_SETTINGS_FILE", ROOT / "risk.yaml"))
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}: name a settings file") from None
    try:
        settings = parse(text, environment, path.name)
        return with_recorded(settings, Home(ROOT / settings.data_dir))
    except (SettingsError, StackError) as error:
        raise UserError(str(error)) from None


def number(least: float, most: float) -> Callable[[str], float]:
    """An argument's type: a number within bounds."""

    def read(text: str) -> float:
        found = float(text)
        if not least <= found <= most:
            raise argparse.ArgumentTypeError(f"from {least:g} to {most:g}")
        return found

    read.__name__ = "number"
    return read
